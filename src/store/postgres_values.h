#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trackwire::store {

/// Text as PostgreSQL takes it: what is no UTF-8, and each zero byte, becomes U+FFFD. One odd name
/// must not keep a whole batch out for ever.
std::string CleanText(std::string_view text);

/// One array in PostgreSQL's binary form, filled from the front.
class PgArray {
 public:
  enum class Of : Oid { kBool = 16, kInt = 20, kText = 25, kDouble = 701 };

  explicit PgArray(Of type) : type_(type) {}
  void Add(int64_t value);
  void Add(double value);
  void Add(bool value);
  void Add(std::string_view text);
  void Add(const char*) = delete;  // would be taken for a bool
  void AddNull();
  template <typename T>
  void Add(const std::optional<T>& value) {
    if (value) {
      Add(*value);
    } else {
      AddNull();
    }
  }

  Oid oid() const;
  std::string Bytes() const;

 private:
  Of type_;
  uint32_t count_ = 0;
  bool has_null_ = false;
  std::string items_;
};

/// The parameters of a query, counted from $1, in binary form.
class PgParams {
 public:
  PgParams& Add(int64_t value);
  PgParams& Add(bool value);
  PgParams& Add(std::string_view text);
  PgParams& Add(const char*) = delete;  // would be taken for a bool
  PgParams& AddOptional(const std::optional<std::string>& text);
  PgParams& Add(const PgArray& array);

  /// Sends `sql` with them; false as PQsendQueryParams().
  bool Send(PGconn* connection, const char* sql) const;

 private:
  void Put(Oid type, std::optional<std::string> value);

  std::vector<Oid> types_;
  std::vector<std::optional<std::string>> values_;
};

/// What a query gave, in binary form. Rows and columns count from 0.
class PgRows {
 public:
  explicit PgRows(PGresult* result) : result_(result) {}

  int size() const { return PQntuples(result_.get()); }
  /// Rows that a statement inserted, changed or deleted.
  int64_t changed() const;
  bool IsNull(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }
  /// Of smallint, integer and bigint; 0 for null.
  int64_t Int(int row, int column) const;
  double Double(int row, int column) const;
  std::optional<double> OptionalDouble(int row, int column) const;
  bool Bool(int row, int column) const;
  /// Borrowed from this.
  std::string_view Text(int row, int column) const;

 private:
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  std::unique_ptr<PGresult, Clear> result_;
};

}  // namespace trackwire::store
