//===- Hdf5Library.cpp - What reading and writing HDF5 share --------------===//

#include "Hdf5Walk.h"

#include "nmc/Support/RuleError.h"

namespace nmc::nir {

std::string getHdf5Message() {
  std::string message;
  // From the innermost function outwards.
  H5Ewalk2(
      H5E_DEFAULT, H5E_WALK_UPWARD,
      [](unsigned n, const H5E_error2_t *error, void *data) -> herr_t {
        if (n == 0 && error->desc)
          *static_cast<std::string *>(data) = printable(error->desc, 200);
        return 0;
      },
      &message);
  return message;
}

std::mutex &getHdf5Mutex() {
  static std::mutex mutex;
  return mutex;
}

bool startHdf5() {
  // The library's exit handler would write to the terminal what it could not
  // close.
  static bool started = H5dont_atexit() >= 0 && H5open() >= 0;
  return started && H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr) >= 0;
}

hid_t getNativeType(ElementKind kind) {
  switch (kind) {
  case ElementKind::Bool:
  case ElementKind::I8:
    return H5T_NATIVE_INT8;
  case ElementKind::U8:
    return H5T_NATIVE_UINT8;
  case ElementKind::I16:
    return H5T_NATIVE_INT16;
  case ElementKind::U16:
    return H5T_NATIVE_UINT16;
  case ElementKind::I32:
    return H5T_NATIVE_INT32;
  case ElementKind::U32:
    return H5T_NATIVE_UINT32;
  case ElementKind::I64:
    return H5T_NATIVE_INT64;
  case ElementKind::U64:
    return H5T_NATIVE_UINT64;
  case ElementKind::F32:
    return H5T_NATIVE_FLOAT;
  case ElementKind::F64:
    return H5T_NATIVE_DOUBLE;
  }
  return H5T_NATIVE_DOUBLE;
}

} // namespace nmc::nir
