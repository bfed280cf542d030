#include "notify/view.h"

#include <algorithm>
#include <iterator>

#include "base/check.h"
#include "base/json_scanner.h"

namespace trackwire::notify {
namespace {

constexpr size_t kMaxRules = 1'000;
constexpr size_t kMaxRoleBytes = 128;
constexpr const char* kAnonymousRole = "anonymous";
constexpr const char* kDefaultRole = "user";

bool IsClean(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

/// Whether a text of the configuration is UTF-8: no name of a notification is anything else.
bool IsUtf8(std::string_view text) {
  std::string json;
  base::AppendJsonString(json, text);
  return base::ScanJson(json).has_value();
}

Result<std::string> ReadField(std::string_view name) {
  std::string normal = NormalFieldName(name);
  if (normal.empty() || normal.size() > kMaxFieldNameBytes || !IsClean(name) || !IsUtf8(name)) {
    return Err("bad_field", "\"" + std::string(name) +
                                "\" is no name of a field: it takes 1 to 64 bytes of UTF-8 beside "
                                "_, -, . and spaces, which do not count");
  }
  return normal;
}

ViewSet BitOf(size_t view) { return ViewSet{1} << view; }

std::vector<View> Listed(ViewSet views) {
  std::vector<View> out;
  for (size_t view = 0; view < kMaxViews; ++view) {
    if ((views & BitOf(view)) != 0) out.push_back(static_cast<View>(view));
  }
  return out;
}

/// Those of `views` who lose the same of the members that were found.
std::vector<ViewSet> Group(ViewSet views, const std::vector<ViewSet>& found) {
  std::vector<ViewSet> groups = {views};
  for (const ViewSet losers : found) {
    const size_t count = groups.size();
    for (size_t i = 0; i < count; ++i) {
      const ViewSet apart = groups[i] & losers;
      if (apart == 0 || apart == groups[i]) continue;
      groups[i] &= ~losers;
      groups.push_back(apart);
    }
  }
  return groups;
}

}  // namespace

Views::Views() : hidden_(1), all_{0} {}

Result<Views> Views::Make(const FieldRules& rules) {
  if (rules.hidden_fields.size() > kMaxRules || rules.hidden_from.size() > kMaxRules) {
    return Err("too_many_rules", "has more than " + std::to_string(kMaxRules) + " entries");
  }
  Views views;
  if (auto read = views.ReadRoles(rules.hidden_from); !read) return Err(read.error());
  if (auto combined = views.Combine(); !combined) return Err(combined.error());
  views.all_ = {};
  std::vector<FieldFilter::Rule> filter;
  ViewSet everybody = 0;
  for (size_t view = 0; view < views.size(); ++view) {
    views.all_.push_back(static_cast<View>(view));
    everybody |= BitOf(view);
    for (const std::string& name : views.hidden_[view]) filter.push_back({name, BitOf(view)});
  }
  for (const std::string& field : rules.hidden_fields) {
    auto name = ReadField(field);
    if (!name) return Err(name.error());
    filter.push_back({std::move(*name), everybody});
  }
  views.filter_ = FieldFilter(filter);
  views.placeless_ = views.filter_.Find(R"({"latitude":0,"longitude":0})");
  return views;
}

Result<void> Views::ReadRoles(const std::vector<std::string>& rules) {
  for (const std::string& rule : rules) {
    // A role may be a directory's name with = in it; a field's name hardly is.
    const size_t equals = rule.rfind('=');
    if (equals == std::string::npos) {
      return Err("bad_rule", "\"" + rule + "\" is not of the form role=field");
    }
    const std::string role = rule.substr(0, equals);
    if (role.empty() || role.size() > kMaxRoleBytes || !IsClean(role)) {
      return Err("bad_rule", "\"" + rule + "\" names no role of 1 to 128 bytes");
    }
    auto name = ReadField(std::string_view(rule).substr(equals + 1));
    if (!name) return Err(name.error());
    roles_[role].insert(std::move(*name));
  }
  return Ok();
}

Result<void> Views::Combine() {
  const auto add = [this](FieldSet hidden) {
    if (std::find(hidden_.begin(), hidden_.end(), hidden) == hidden_.end()) {
      hidden_.push_back(std::move(hidden));
    }
    return hidden_.size() <= kMaxViews;
  };
  hidden_ = {HiddenFromRole(kAnonymousRole)};
  bool few = add({});
  for (const auto& [role, hidden] : roles_) few = few && add(hidden);
  for (size_t i = 1; few && i < hidden_.size(); ++i) {
    for (size_t j = 0; few && j < i; ++j) {
      FieldSet both;
      std::set_intersection(hidden_[i].begin(), hidden_[i].end(), hidden_[j].begin(),
                            hidden_[j].end(), std::inserter(both, both.end()));
      few = add(std::move(both));
    }
  }
  if (few) return Ok();
  return Err("too_many_views",
             "people with several of its roles would see fields in more than " +
                 std::to_string(kMaxViews) + " different ways; let roles hide the same fields");
}

const Views::FieldSet& Views::HiddenFromRole(const std::string& role) const {
  static const FieldSet kNothing;
  const auto found = roles_.find(role);
  return found == roles_.end() ? kNothing : found->second;
}

View Views::ViewOf(const FieldSet& hidden) const {
  const auto found = std::find(hidden_.begin(), hidden_.end(), hidden);
  CHECK(found != hidden_.end());
  return static_cast<View>(found - hidden_.begin());
}

View Views::Of(const auth::Identity& identity) const {
  if (!identity.authenticated) return 0;
  if (identity.roles.empty()) return ViewOf(HiddenFromRole(kDefaultRole));
  FieldSet hidden = HiddenFromRole(identity.roles.front());
  for (size_t i = 1; i < identity.roles.size() && !hidden.empty(); ++i) {
    const FieldSet& other = HiddenFromRole(identity.roles[i]);
    std::erase_if(hidden, [&](const std::string& name) { return other.count(name) == 0; });
  }
  return ViewOf(hidden);
}

std::vector<Views::Variant> Views::Split(std::string_view object_json) const {
  std::vector<ViewSet> found;
  const ViewSet losers = filter_.Find(object_json, &found);
  if (losers == 0) return {{all_, {}}};
  std::vector<Variant> out;
  for (const ViewSet group : Group(~ViewSet{0} >> (kMaxViews - size()), found)) {
    Variant variant;
    variant.views = Listed(group);
    if ((group & losers) != 0) variant.json = Filter(variant.views.front(), object_json);
    // What one view loses may stand inside of what another loses, so both may see the same.
    const auto same = std::find_if(out.begin(), out.end(), [&](const Variant& other) {
      return other.json == variant.json;
    });
    if (same == out.end()) {
      out.push_back(std::move(variant));
    } else {
      same->views.insert(same->views.end(), variant.views.begin(), variant.views.end());
    }
  }
  return out;
}

std::string Views::Filter(View view, std::string_view json) const {
  std::string out;
  out.reserve(json.size());
  Append(view, json, out);
  return out;
}

void Views::Append(View view, std::string_view json, std::string& out) const {
  CHECK(view < size());
  filter_.Append(view, json, out);
}

}  // namespace trackwire::notify
