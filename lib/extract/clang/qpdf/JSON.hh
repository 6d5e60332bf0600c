// In place of libqpdf's, of which we use nothing: in C++20, Clang 14 wants the class there to be complete while it is being declared.
#pragma once

class JSON;
