# The folder that becomes the package, as Debian wants it: programs without what only a debugger reads, texts compressed without a time stamp.
set(root "${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr")
file(GLOB programs "${root}/bin/*" "${root}/lib/0admin-ops/*")
foreach(program IN LISTS programs)
  file(READ "${program}" begin LIMIT 4 HEX)
  if(NOT begin STREQUAL "7f454c46")  # a script
    list(REMOVE_ITEM programs "${program}")
  endif()
endforeach()
file(GLOB_RECURSE texts "${root}/share/man/*.[1-9]" "${root}/share/doc/*/changelog*")
execute_process(COMMAND strip --strip-unneeded --remove-section=.comment --remove-section=.note ${programs} COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND gzip -9n ${texts} COMMAND_ERROR_IS_FATAL ANY)
