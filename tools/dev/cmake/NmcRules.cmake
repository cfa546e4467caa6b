# How a room of the house is built.
include_directories(${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include ${MLIR_INCLUDE_DIRS}) # mlir_tablegen reads these

add_library(nmc_options INTERFACE)
target_compile_options(nmc_options INTERFACE -Wall -Wextra -Wno-unused-parameter
  $<$<NOT:$<BOOL:$<TARGET_PROPERTY:NMC_EXCEPTIONS>>>:-fno-exceptions>
  $<$<BOOL:${NMC_WERROR}>:-Werror> $<$<NOT:$<BOOL:${LLVM_ENABLE_RTTI}>>:-fno-rtti>)
target_include_directories(nmc_options INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include
  ${PROJECT_BINARY_DIR} ${PROJECT_BINARY_DIR}/include)
target_include_directories(nmc_options SYSTEM INTERFACE ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
target_link_libraries(nmc_options INTERFACE MLIR LLVM)
# libMLIR lives in LLVM's own prefix, which the loader does not search.
set(CMAKE_INSTALL_RPATH ${LLVM_LIBRARY_DIR})
foreach(sanitizer IN LISTS NMC_SANITIZE)
  target_compile_options(nmc_options INTERFACE -fsanitize=${sanitizer} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(nmc_options INTERFACE -fsanitize=${sanitizer})
endforeach()

if(NMC_FUZZ)
  target_compile_options(nmc_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

if(NMC_PCH)
  file(WRITE ${PROJECT_BINARY_DIR}/nmc_pch.cpp "")
  add_library(nmc_pch OBJECT ${PROJECT_BINARY_DIR}/nmc_pch.cpp)
  target_link_libraries(nmc_pch PRIVATE nmc_options)
  target_precompile_headers(nmc_pch PRIVATE
    <mlir/IR/Builders.h> <mlir/IR/BuiltinOps.h> <mlir/IR/BuiltinTypes.h> <mlir/IR/DialectImplementation.h>
    <mlir/IR/OpImplementation.h> <mlir/IR/PatternMatch.h> <mlir/Pass/Pass.h> <llvm/ADT/TypeSwitch.h>
    <map> <string> <vector>)
  # ccache can only reuse objects built on a header without a time stamp.
  target_compile_options(nmc_pch PRIVATE $<$<CXX_COMPILER_ID:Clang>:-Xclang -fno-pch-timestamp>)
endif()

function(nmc_use_pch name)
  if(NMC_PCH)
    target_precompile_headers(${name} REUSE_FROM nmc_pch)
    target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:Clang>:-Xclang -fno-pch-timestamp>)
  endif()
endfunction()

# nmc_add_library(<name> <sources>... [GENERATED <tablegen targets>...] [LINK <libraries>...] [EXCEPTIONS])
# EXCEPTIONS: for the few files that call libraries which throw; they catch at their own boundary.
function(nmc_add_library name)
  cmake_parse_arguments(ARG "EXCEPTIONS" "" "GENERATED;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PUBLIC nmc_options ${ARG_LINK})
  if(ARG_GENERATED)
    add_dependencies(${name} ${ARG_GENERATED})
  endif()
  if(ARG_EXCEPTIONS)
    set_target_properties(${name} PROPERTIES NMC_EXCEPTIONS ON)
  else()
    nmc_use_pch(${name})
  endif()
endfunction()

# nmc_add_dialect(<Name> <namespace> [TYPES] [ATTRS] [ENUMS] [INTERFACES]) run in dialects/<Name>:
# tablegen of <Name>Ops.td etc. into target Nmc<Name>IncGen, plus the reference page.
function(nmc_tablegen_dialect name namespace)
  cmake_parse_arguments(ARG "TYPES;ATTRS;ENUMS;INTERFACES" "" "" ${ARGN})
  set(LLVM_TARGET_DEFINITIONS ${name}Ops.td)
  mlir_tablegen(${name}Ops.h.inc -gen-op-decls -dialect=${namespace})
  mlir_tablegen(${name}Ops.cpp.inc -gen-op-defs -dialect=${namespace})
  mlir_tablegen(${name}Dialect.h.inc -gen-dialect-decls -dialect=${namespace})
  mlir_tablegen(${name}Dialect.cpp.inc -gen-dialect-defs -dialect=${namespace})
  if(ARG_TYPES)
    mlir_tablegen(${name}Types.h.inc -gen-typedef-decls -typedefs-dialect=${namespace})
    mlir_tablegen(${name}Types.cpp.inc -gen-typedef-defs -typedefs-dialect=${namespace})
  endif()
  if(ARG_ATTRS)
    mlir_tablegen(${name}Attributes.h.inc -gen-attrdef-decls -attrdefs-dialect=${namespace})
    mlir_tablegen(${name}Attributes.cpp.inc -gen-attrdef-defs -attrdefs-dialect=${namespace})
  endif()
  if(ARG_ENUMS)
    mlir_tablegen(${name}Enums.h.inc -gen-enum-decls)
    mlir_tablegen(${name}Enums.cpp.inc -gen-enum-defs)
  endif()
  if(ARG_INTERFACES)
    set(LLVM_TARGET_DEFINITIONS ${name}Interfaces.td)
    mlir_tablegen(${name}Interfaces.h.inc -gen-op-interface-decls)
    mlir_tablegen(${name}Interfaces.cpp.inc -gen-op-interface-defs)
  endif()
  add_public_tablegen_target(Nmc${name}IncGen)
  add_mlir_doc(${name}Ops ${name}Dialect Dialects/ -gen-dialect-doc -dialect=${namespace})
  if(ARG_INTERFACES)
    add_mlir_doc(${name}Interfaces ${name}Interfaces Interfaces/ -gen-op-interface-docs)
  endif()
endfunction()

# nmc_tablegen_passes(<target> <group> <file.td>): Passes.h.inc for <group>.
function(nmc_tablegen_passes target group td)
  set(LLVM_TARGET_DEFINITIONS ${td})
  mlir_tablegen(Passes.h.inc -gen-pass-decls -name ${group})
  add_public_tablegen_target(${target})
  add_mlir_doc(Passes ${group}Passes ./ -gen-pass-doc)
endfunction()

function(nmc_add_tool name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE nmc_options ${ARG_LINK})
  nmc_use_pch(${name})
  install(TARGETS ${name} RUNTIME DESTINATION bin)
endfunction()

# nmc_add_unittest(<name> <sources>... [LINK <libraries>...]): a GoogleTest program, run by ctest and by check-nmc.
set_property(GLOBAL PROPERTY NMC_UNITTESTS "")
function(nmc_add_unittest name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  # Not part of `all`: users of the tools need no tests.
  add_executable(${name} EXCLUDE_FROM_ALL ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE nmc_options ${ARG_LINK} GTest::gtest GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/test/unit)
  add_test(NAME ${name} COMMAND ${name})
  # libMLIR is not instrumented: its allocators' poisoning would be half seen.
  set_tests_properties(${name} PROPERTIES ENVIRONMENT ASAN_OPTIONS=allow_user_poisoning=0)
  set_property(GLOBAL APPEND PROPERTY NMC_UNITTESTS ${name})
endfunction()
