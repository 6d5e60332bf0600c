#pragma once

namespace extract {

// Reads a small document of each kind, so that what the libraries load and set up at their first use is there before the process
// gives up its right to open files, and is shared by all that it forks.
void warm_up();
// The same for what extract_light() reads.
void warm_up_light();

}  // namespace extract
