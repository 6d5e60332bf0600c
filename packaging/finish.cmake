# The folder that becomes the package, as Debian wants it: programs without what only a debugger reads, texts compressed without a time stamp.
set(root "${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr")
file(GLOB programs "${root}/bin/*")
file(GLOB_RECURSE texts "${root}/share/man/*.[1-9]" "${root}/share/doc/*/changelog*")
execute_process(COMMAND strip --strip-unneeded --remove-section=.comment --remove-section=.note ${programs} COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND gzip -9n ${texts} COMMAND_ERROR_IS_FATAL ANY)
