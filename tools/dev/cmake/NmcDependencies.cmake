# What nmc stands on.  Debian keeps LLVM under a versioned prefix that CMake does
# not search; any other prefix works with -DMLIR_DIR=<prefix>/lib/cmake/mlir.
find_package(MLIR 22.1 REQUIRED CONFIG HINTS /usr/lib/llvm-22)
if(NOT TARGET MLIR)
  message(FATAL_ERROR "this MLIR has no shared library (libMLIR.so); install libmlir-22-dev or build it with MLIR_BUILD_MLIR_DYLIB")
endif()
list(APPEND CMAKE_MODULE_PATH "${MLIR_CMAKE_DIR}" "${LLVM_CMAKE_DIR}")
set(MLIR_BINARY_DIR ${PROJECT_BINARY_DIR}) # where mlir-doc writes
set(LLVM_RUNTIME_OUTPUT_INTDIR ${PROJECT_BINARY_DIR}/bin)
set(LLVM_LIBRARY_OUTPUT_INTDIR ${PROJECT_BINARY_DIR}/lib)
# The prefix ships lit as 'lit'; AddLLVM would look for 'llvm-lit'.
find_program(LLVM_EXTERNAL_LIT lit HINTS ${LLVM_TOOLS_BINARY_DIR} NO_DEFAULT_PATH REQUIRED)
set(LLVM_LIT_ARGS "-sv" CACHE STRING "Options for lit")
include(AddLLVM) # configure_lit_site_cfg, add_lit_testsuite
include(AddMLIR) # mlir_tablegen, add_mlir_doc; HandleLLVMOptions overwrites LLVM_DEFINITIONS, so it stays out

find_package(Protobuf REQUIRED) # before ONNX, whose config names protobuf::libprotobuf
find_package(ONNX REQUIRED)
find_package(FlatBuffers REQUIRED CONFIG)
find_package(ZLIB REQUIRED)
find_package(GTest REQUIRED)
find_program(NMC_FLATC flatc REQUIRED)
find_package(Python3 COMPONENTS Interpreter)
# Debian's libzip-config.cmake names programs of a package that nothing else needs.
find_path(NMC_LIBZIP_INCLUDE_DIR zip.h REQUIRED)
find_library(NMC_LIBZIP_LIBRARY zip REQUIRED)
add_library(nmc_libzip INTERFACE)
target_include_directories(nmc_libzip SYSTEM INTERFACE ${NMC_LIBZIP_INCLUDE_DIR})
target_link_libraries(nmc_libzip INTERFACE ${NMC_LIBZIP_LIBRARY})
find_package(HDF5 REQUIRED COMPONENTS C)
add_library(nmc_hdf5 INTERFACE)
target_include_directories(nmc_hdf5 SYSTEM INTERFACE ${HDF5_C_INCLUDE_DIRS})
target_compile_definitions(nmc_hdf5 INTERFACE ${HDF5_C_DEFINITIONS})
target_link_libraries(nmc_hdf5 INTERFACE ${HDF5_C_LIBRARIES})
