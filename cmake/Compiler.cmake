# One compiler family, one set of flags: see ARCHITECTURE.md for the reasons.
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  if(NOT (CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 14))
    message(FATAL_ERROR "Hongyan needs clang 19 or newer (or g++ 14 or newer), found ${CMAKE_CXX_COMPILER_ID} "
      "${CMAKE_CXX_COMPILER_VERSION}: older ones miscompile coroutines. On Debian 12: apt install clang-19 lld-19")
  endif()
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)  # -fPIE below, alike for all, or the precompiled header would not fit
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(HY_SANITIZE "" CACHE STRING "comma-separated sanitizers, e.g. address,undefined")

add_compile_options(-Wall -Wextra -Werror -Wno-missing-designated-field-initializers -fPIE -fno-omit-frame-pointer -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
add_compile_definitions(_GLIBCXX_ASSERTIONS)
add_link_options(-pie -fuse-ld=lld -Wl,--gc-sections)
if(HY_SANITIZE)
  add_compile_options(-O1 -gline-tables-only -fsanitize=${HY_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${HY_SANITIZE})
  if(HY_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
  endif()
else()
  # Hardening costs nothing that we could measure in the scanner's loop.
  add_compile_options(-fstack-protector-strong -fcf-protection)
  add_compile_definitions($<$<CONFIG:Release>:_FORTIFY_SOURCE=3>)
  add_link_options(-Wl,-z,relro,-z,now)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  # ccache and the precompiled header need these to agree (clang writes a time stamp into it otherwise).
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${CCACHE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
  endif()
endif()
