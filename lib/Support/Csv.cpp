//===- Csv.cpp - Comma-separated tables with a header ---------------------===//

#include "nmc/Support/Csv.h"
#include "nmc/Support/RuleError.h"

#include "llvm/ADT/StringSet.h"

namespace nmc {

std::optional<size_t> CsvTable::column(StringRef name) const {
  for (auto [i, column] : llvm::enumerate(columns))
    if (column == name)
      return i;
  return std::nullopt;
}

/// Takes one record off the front of `rest`; `line` becomes that of the next.
static llvm::Expected<std::vector<std::string>>
takeRecord(StringRef &rest, int64_t &line, StringRef where) {
  std::vector<std::string> fields;
  int64_t first = line;
  auto endsField = [&] {
    return rest.empty() || rest[0] == ',' || rest[0] == '\n' || rest[0] == '\r';
  };
  while (true) {
    rest = rest.ltrim(" \t");
    std::string field;
    if (rest.consume_front("\"")) {
      while (true) {
        size_t quote = rest.find('"');
        if (quote == StringRef::npos)
          return makeRuleError("csv-syntax", where + ":" + Twine(first) +
                                                 ": quoted field does not end");
        StringRef part = rest.take_front(quote);
        field += part;
        line += part.count('\n');
        rest = rest.drop_front(quote + 1);
        if (!rest.consume_front("\""))
          break;
        field += '"';
      }
      rest = rest.ltrim(" \t");
      if (!endsField())
        return makeRuleError("csv-syntax",
                             where + ":" + Twine(line) +
                                 ": text behind a quoted field; write a quote "
                                 "inside one twice");
    } else {
      StringRef text = rest.take_until(
          [](char c) { return c == ',' || c == '\n' || c == '\r'; });
      rest = rest.drop_front(text.size());
      field = text.rtrim(" \t").str();
    }
    fields.push_back(std::move(field));
    if (rest.consume_front(","))
      continue;
    rest.consume_front("\r");
    if (rest.consume_front("\n"))
      ++line;
    return fields;
  }
}

llvm::Expected<CsvTable> parseCsv(StringRef text, StringRef where) {
  CsvTable table;
  int64_t line = 1;
  text.consume_front("\xEF\xBB\xBF"); // byte order mark
  while (!text.empty()) {
    StringRef current = text.take_until([](char c) { return c == '\n'; });
    StringRef trimmed = current.trim(" \t\r");
    if (trimmed.empty() || trimmed.starts_with("#")) {
      if (!trimmed.empty())
        table.comments.emplace_back(line, trimmed.drop_front().trim().str());
      text = text.drop_front(std::min(current.size() + 1, text.size()));
      ++line;
      continue;
    }
    int64_t first = line;
    auto fields = takeRecord(text, line, where);
    if (!fields)
      return fields.takeError();
    if (table.columns.empty()) {
      llvm::StringSet<> seen;
      for (const std::string &name : *fields)
        if (name.empty() || !seen.insert(name).second)
          return makeRuleError(
              "csv-header", where + ":" + Twine(first) +
                                (name.empty() ? Twine(": column without a name")
                                              : ": column '" + printable(name) +
                                                    "' is there twice"));
      table.columns = std::move(*fields);
      table.headerLine = first;
      continue;
    }
    if (fields->size() != table.columns.size())
      return makeRuleError("csv-fields",
                           where + ":" + Twine(first) + ": row has " +
                               Twine(fields->size()) + " fields, the header " +
                               Twine(table.columns.size()));
    table.rows.push_back({first, std::move(*fields)});
  }
  if (table.columns.empty())
    return makeRuleError("csv-header", where + ": has no header line");
  return table;
}

std::string quoteCsv(StringRef field) {
  bool plain = field.find_first_of(",\"\n\r") == StringRef::npos &&
               field == field.trim() && !field.starts_with("#");
  if (plain)
    return field.str();
  std::string quoted = "\"";
  for (char c : field) {
    if (c == '"')
      quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

} // namespace nmc
