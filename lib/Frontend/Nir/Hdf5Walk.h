//===- Hdf5Walk.h - From an HDF5 file to the raw stream ---------*- C++ -*-===//
#ifndef NMC_LIB_FRONTEND_NIR_HDF5WALK_H
#define NMC_LIB_FRONTEND_NIR_HDF5WALK_H

#include "RawStream.h"

#include "hdf5.h"

#include <mutex>

namespace nmc::nir {

/// Closes an id of libhdf5 when it goes out of scope.
class Hdf5Id {
public:
  explicit Hdf5Id(hid_t id = H5I_INVALID_HID) : id(id) {}
  Hdf5Id(Hdf5Id &&other) : id(other.id) { other.id = H5I_INVALID_HID; }
  Hdf5Id &operator=(Hdf5Id &&other) {
    std::swap(id, other.id);
    return *this;
  }
  ~Hdf5Id() {
    if (id >= 0)
      H5Idec_ref(id);
  }
  explicit operator bool() const { return id >= 0; }
  operator hid_t() const { return id; }

private:
  hid_t id;
};

/// What libhdf5 says about its last failure, innermost first; "" if nothing.
std::string getHdf5Message();

/// The type in memory for elements of a kind; bytes for Bool.
hid_t getNativeType(ElementKind kind);

/// Held by whoever calls libhdf5 in this process, and across fork(): the child
/// must not inherit a library in the middle of something.
std::mutex &getHdf5Mutex();

/// Initialises libhdf5, once; silent on errors from here on in this thread.
/// False when there is no working libhdf5.
bool startHdf5();

/// Walks the file and writes the raw stream of what it holds. For the child
/// only: libhdf5 may crash, hang, or leave its state damaged. Returns an empty
/// string, or what is wrong: "/object/in/file: message [rule]", or
/// " message [rule]" for the file as a whole.
std::string walkHdf5(const char *path, int64_t fileBytes,
                     const RawLimits &limits, raw_ostream &os);

} // namespace nmc::nir

#endif // NMC_LIB_FRONTEND_NIR_HDF5WALK_H
