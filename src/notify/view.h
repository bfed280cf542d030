#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "auth/identity.h"
#include "base/result.h"
#include "notify/field_filter.h"
#include "tracking/object_filter.h"

namespace trackwire::notify {

/// What configuration says about fields.
struct FieldRules {
  std::vector<std::string> hidden_fields;  ///< names that nobody gets
  /// `role=name`: hidden from who has no role that may see it. Besides the roles of tokens there is
  /// `anonymous`, who is not signed in; who is signed in without any role has the role `user`.
  std::vector<std::string> hidden_from;
};

/// Which fields who sees. Names count in their normal form (NormalFieldName()) at any depth.
/// Immutable; any thread.
class Views final : public tracking::ObjectFilter {
 public:
  /// What the people of `views` get of one object: `json`, or the object as it is when that is
  /// empty.
  struct Variant {
    std::vector<View> views;
    std::string json;
  };

  /// A single view that sees everything.
  Views();
  /// Errors: `bad_field`, `bad_rule`, `too_many_rules`, and `too_many_views` when the roles can be
  /// combined into more than kMaxViews different ones.
  static Result<Views> Make(const FieldRules& rules);
  /// Anonymous visitors have view 0.
  size_t size() const { return hidden_.size(); }

  /// Somebody does not see a field when none of their roles does. Roles that no rule names see all.
  View Of(const auth::Identity& identity) const;
  /// Each view in exactly one variant; views that see the same bytes share one.
  std::vector<Variant> Split(std::string_view object_json) const;

  /// What somebody may see of a JSON value that was accepted before: whatever leaves the server
  /// outside of notifications goes through here.
  std::string Filter(View view, std::string_view json) const;
  uint64_t HiddenFrom(std::string_view json) const override { return filter_.Find(json); }
  /// Whether people of a view see where trackers are: who does not must not find out with boxes.
  bool ShowsPlaces(View view) const { return (placeless_ >> view & 1) == 0; }
  void Append(View view, std::string_view json, std::string& out) const override;

 private:
  using FieldSet = std::set<std::string>;

  Result<void> ReadRoles(const std::vector<std::string>& rules);
  /// Finds every set of fields that somebody's roles can hide.
  Result<void> Combine();
  View ViewOf(const FieldSet& hidden) const;
  const FieldSet& HiddenFromRole(const std::string& role) const;

  std::map<std::string, FieldSet> roles_;
  std::vector<FieldSet> hidden_;  ///< of each view, beside what nobody gets
  std::vector<View> all_;
  FieldFilter filter_;
  ViewSet placeless_ = 0;  ///< those that do not see where trackers are
};

}  // namespace trackwire::notify
