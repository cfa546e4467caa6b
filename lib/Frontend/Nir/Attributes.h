//===- Attributes.h - Plain data of files as attributes, and back -*- C++
//-*-===//
//
// What a NIR file says beyond the network travels in discardable attributes:
//
//   nir.metadata  (op, network)  metadata of the node or of the graph
//   nir.fields    (op)  fields whose form the op does not hold: numbers,
//                       text ("same"), or unit where the file has none
//   nir.delay     (spike.delay, spike.reshape)  a Delay node: its values
//   nir.name      (connections, views, delays)  the node, as its location says
//                 too, which printed IR leaves out
//   nir.name, nir.shape (results of the network)  the Output node
//   nir.implied   (spike.input, results)  a port that the file does not have
//   nir.graphs    (network)  nested graphs as they stood
//
// nir.fields maps a field to what the file holds; the exporter believes it only
// where it says the same as the op.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_LIB_FRONTEND_NIR_ATTRIBUTES_H
#define NMC_LIB_FRONTEND_NIR_ATTRIBUTES_H

#include "nmc/Frontend/Nir/Raw.h"

namespace nmc::nir {

inline constexpr StringLiteral kMetadataAttr = "nir.metadata";
inline constexpr StringLiteral kFieldsAttr = "nir.fields";
inline constexpr StringLiteral kDelayAttr = "nir.delay";
inline constexpr StringLiteral kNameAttr = "nir.name";
inline constexpr StringLiteral kShapeAttr = "nir.shape";
inline constexpr StringLiteral kImpliedAttr = "nir.implied";
inline constexpr StringLiteral kGraphsAttr = "nir.graphs";

/// The element type of MLIR: float, signless for signed, i1 for bool.
Type getElementType(ElementKind kind, MLIRContext *context);

/// The same numbers; large ones become a blob called `key`.
ElementsAttr toElements(const Array &array, StringRef key,
                        MLIRContext *context);
/// The same numbers; none for element types that Array lacks, and for bad
/// blobs.
std::optional<Array> toArray(ElementsAttr elements);

/// Groups become dictionaries, numbers elements, text strings or nested lists.
/// HDF5 attributes are not kept.
Attribute toAttribute(const RawObject &object, StringRef key,
                      MLIRContext *context);
/// The inverse; none for attributes that the above does not make.
std::optional<RawObject> toRaw(Attribute attribute);

} // namespace nmc::nir

#endif // NMC_LIB_FRONTEND_NIR_ATTRIBUTES_H
