//===- Csv.h - Comma-separated tables with a header -------------*- C++ -*-===//
//
// RFC 4180 with two additions: lines that start with '#' are comments, and the
// first line that is none names the columns.
//
//===----------------------------------------------------------------------===//
#ifndef NMC_SUPPORT_CSV_H
#define NMC_SUPPORT_CSV_H

#include "nmc/Support/LLVM.h"

#include "llvm/Support/Error.h"

#include <optional>
#include <string>
#include <vector>

namespace nmc {

struct CsvRow {
  /// Line of its first character, from 1.
  int64_t line = 0;
  /// One for each column.
  std::vector<std::string> fields;
};

struct CsvTable {
  /// Comment lines without '#' and surrounding blanks, with their lines.
  std::vector<std::pair<int64_t, std::string>> comments;
  int64_t headerLine = 0;
  std::vector<std::string> columns;
  std::vector<CsvRow> rows;

  std::optional<size_t> column(StringRef name) const;
};

/// Parses a table.  Blank lines are skipped, blanks around unquoted fields are
/// dropped.  Messages start with `where`:line; [csv-syntax] for a quote that
/// does not end or text behind one, [csv-header] for a missing header or an
/// empty or repeated column name, [csv-fields] for a row with fewer or more
/// fields.
llvm::Expected<CsvTable> parseCsv(StringRef text, StringRef where);

/// `field`, quoted where it has to be.
std::string quoteCsv(StringRef field);

} // namespace nmc

#endif // NMC_SUPPORT_CSV_H
