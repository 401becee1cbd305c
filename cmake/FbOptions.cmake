# fb_options: the warnings, checks and sanitizers every target of ours is built with.
add_library(fb_options INTERFACE)
target_include_directories(fb_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(fb_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
  -Wcast-align -Wimplicit-fallthrough -Wswitch-enum
  -Wno-missing-field-initializers)  # designated initialisers are our habit; unnamed members have defaults
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # restrict and stringop-overflow report falsely in libstdc++ 12 at -O2 (GCC 105329, 107852).
  target_compile_options(fb_options INTERFACE
    -Wduplicated-cond -Wlogical-op -Wno-error=restrict -Wno-error=stringop-overflow)
else()
  target_compile_options(fb_options INTERFACE -Wthread-safety)
endif()
if(FB_WERROR)
  target_compile_options(fb_options INTERFACE -Werror)
endif()
if(FB_SANITIZE)
  target_compile_options(fb_options INTERFACE -fsanitize=${FB_SANITIZE} -fno-omit-frame-pointer
                         -fno-sanitize-recover=all)
  target_link_options(fb_options INTERFACE -fsanitize=${FB_SANITIZE})
endif()
