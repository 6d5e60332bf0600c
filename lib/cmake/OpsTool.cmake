# ops_report(NAME [definition…]): in a build with sanitizers, the executable leaves what they find in reports/.
function(ops_report name)
  if(OPS_SANITIZE)
    target_sources(${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests/support/sanitizers.cpp")
    target_compile_definitions(${name} PRIVATE OPS_REPORTS="${CMAKE_BINARY_DIR}/reports" ${ARGN})
    file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/reports")
  endif()
endfunction()

# ops_tool(NAME [SQL file…] [LIBS library…]): the executable NAME from main.cpp, and NAME_core, a library of
# everything else in its folder, which tests link too. Installed with it, so that nothing lists the tools again: its
# completion for bash, and its units, which are systemd/0admin-NAME and whatever follows a dash, an at sign or a dot.
function(ops_tool name)
  cmake_parse_arguments(arg "" "" "SQL;LIBS" ${ARGN})
  string(REPLACE "-" "_" namespace "${name}")
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  add_library(${namespace}_core STATIC ${sources})
  target_include_directories(${namespace}_core PUBLIC "${CMAKE_CURRENT_SOURCE_DIR}")
  target_link_libraries(${namespace}_core PUBLIC ${arg_LIBS})
  if(arg_SQL)
    embed_sql(${namespace}_core ${namespace} ${arg_SQL})
  endif()
  add_executable(${name} main.cpp)
  target_link_libraries(${name} PRIVATE ${namespace}_core)
  ops_report(${name})
  # A tick starts every few seconds, and a third of its start is libstdc++ being bound. What is linked with libraries in C++
  # must share theirs.
  get_target_property(libraries ${namespace}_core LINK_LIBRARIES)
  if(NOT OPS_SANITIZE AND NOT "ops_extract" IN_LIST libraries)
    target_link_options(${name} PRIVATE -static-libstdc++ -static-libgcc)
  endif()
  add_custom_command(TARGET ${name} POST_BUILD BYPRODUCTS ${name}.completion VERBATIM
                     COMMAND "$<TARGET_FILE:${name}>" --describe completion > "${CMAKE_CURRENT_BINARY_DIR}/${name}.completion")

  install(TARGETS ${name} RUNTIME DESTINATION bin)
  install(FILES "${CMAKE_CURRENT_BINARY_DIR}/${name}.completion" DESTINATION share/bash-completion/completions RENAME ${name})
  file(GLOB units CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/systemd/0admin-${name}[-@.]*")
  install(FILES ${units} DESTINATION lib/systemd/system)
  set_property(GLOBAL APPEND PROPERTY OPS_TOOLS ${name})
endfunction()
