# fb_library(NAME [HEADERS h…] [SOURCES s…] [DEPS d…]): a static library fb_NAME, alias fb::NAME.
# Headers go into a file set, so that all_verify_interface_header_sets compiles each one alone.
function(fb_library name)
  cmake_parse_arguments(arg "" "" "HEADERS;SOURCES;DEPS" ${ARGN})
  if(arg_SOURCES)
    add_library(fb_${name} STATIC ${arg_SOURCES})
    set(scope PUBLIC)
  else()
    add_library(fb_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(fb::${name} ALIAS fb_${name})
  target_sources(fb_${name} ${scope} FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${arg_HEADERS})
  target_link_libraries(fb_${name} ${scope} fb_options ${arg_DEPS})
  set_target_properties(fb_${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
endfunction()

# fb_test(NAME LABELS l… SOURCES s… [DEPS d…] [TIMEOUT seconds]): a GoogleTest program, its tests found by ctest.
function(fb_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "LABELS;SOURCES;DEPS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE fb_options ${arg_DEPS} GTest::gtest GTest::gtest_main rapidcheck rapidcheck_gtest)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT ${arg_TIMEOUT})
  # gtest_discover_tests hands a list of labels on flattened, so that only the first is one.
  set(labels_file ${CMAKE_CURRENT_BINARY_DIR}/${name}_labels.cmake)
  file(WRITE ${labels_file}
    "foreach(test IN LISTS ${name}_TESTS)\n"
    "  set_tests_properties(\"\${test}\" PROPERTIES LABELS \"${arg_LABELS}\")\n"
    "endforeach()\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${labels_file})
endfunction()

# fb_fuzz(NAME SOURCES s… [DEPS d…] [CORPUS folder] [DICT file]): a libFuzzer program where FB_FUZZ is on. With a
# CORPUS there are tests: its inputs once (everywhere: without libFuzzer by a plain loop), and ten minutes of fuzzing
# that start from it (label slow, where FB_FUZZ is on).
function(fb_fuzz name)
  cmake_parse_arguments(arg "" "CORPUS;DICT" "SOURCES;DEPS" ${ARGN})
  set(corpus ${CMAKE_CURRENT_SOURCE_DIR}/${arg_CORPUS})
  if(FB_FUZZ)
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE fb_options ${arg_DEPS})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    if(arg_CORPUS)
      add_test(NAME ${name}_corpus COMMAND ${name} -runs=0 ${corpus})
      set_tests_properties(${name}_corpus PROPERTIES LABELS fuzz TIMEOUT 600)
      add_test(NAME ${name}_ten_minutes
               COMMAND ${CMAKE_SOURCE_DIR}/tests/fuzz/fuzz_for.py $<TARGET_FILE:${name}> 600
                       ${CMAKE_CURRENT_BINARY_DIR}/${name}_work ${corpus} ${CMAKE_CURRENT_SOURCE_DIR}/${arg_DICT})
      set_tests_properties(${name}_ten_minutes PROPERTIES LABELS "fuzz;slow" TIMEOUT 1200)
    endif()
  elseif(arg_CORPUS)
    add_executable(${name}_corpus ${arg_SOURCES} ${CMAKE_SOURCE_DIR}/tests/fuzz/replay_corpus.cc)
    target_link_libraries(${name}_corpus PRIVATE fb_options ${arg_DEPS})
    add_test(NAME ${name}_corpus COMMAND ${name}_corpus ${corpus})
    set_tests_properties(${name}_corpus PROPERTIES LABELS unit TIMEOUT 120)
  endif()
endfunction()
