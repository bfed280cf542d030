#include "notify/choice_history.h"

#include <utility>

#include "base/json_scanner.h"

namespace trackwire::notify {

using broker::LogOffset;
using tracking::Selection;

void ChoiceHistory::Add(LogOffset since, SelectionPtr selection) {
  if (!steps_.empty() && steps_.back().since == since) {
    // No entry lies between the two.
    steps_.back().selection = std::move(selection);
  } else {
    steps_.push_back({std::move(since), std::move(selection)});
  }
  size_t ids = 0;
  for (const Step& step : steps_) ids += step.selection->id_count();
  while (steps_.size() > 1 && (steps_.size() > kMaxSteps || ids > kMaxIds)) {
    ids -= steps_.front().selection->id_count();
    DropFirst();
  }
}

void ChoiceHistory::DropFirst() {
  steps_.erase(steps_.begin());
  trimmed_ = true;
}

const Selection* ChoiceHistory::now() const {
  return steps_.empty() ? nullptr : steps_.back().selection.get();
}

const Selection* ChoiceHistory::At(const LogOffset& entry) const {
  const Selection* selection = nullptr;
  for (const Step& step : steps_) {
    if (!(step.since < entry)) break;
    selection = step.selection.get();
  }
  return selection;
}

bool ChoiceHistory::Covers(const LogOffset& offset) const {
  return !trimmed_ || !(offset < steps_.front().since);
}

void ChoiceHistory::ForgetUpTo(const LogOffset& offset) {
  while (steps_.size() > 1 && !(offset < steps_[1].since)) DropFirst();
}

std::string ChoiceHistory::ToJson() const {
  if (steps_.empty()) return {};
  std::string out = trimmed_ ? R"({"trimmed":true,"steps":[)" : R"({"steps":[)";
  for (const Step& step : steps_) {
    if (out.back() != '[') out += ',';
    out += R"({"since":)";
    base::AppendJsonString(out, step.since.ToString());
    out += R"(,"chosen":)" + tracking::ToJson(*step.selection) + "}";
  }
  return out + "]}";
}

std::optional<ChoiceHistory> ChoiceHistory::Parse(std::string_view json) {
  ChoiceHistory history;
  if (json.empty()) return history;
  const auto object = base::ScanJson(json);
  if (!object || !object->is_object()) return std::nullopt;
  const auto trimmed = base::FindMember(*object, "trimmed");
  history.trimmed_ = trimmed && trimmed->type == base::JsonType::kTrue;
  const auto steps = base::FindMember(*object, "steps");
  if (!steps || !steps->is_array()) return std::nullopt;
  base::JsonArrayReader items(*steps);
  while (const auto item = items.Next()) {
    if (!item->is_object()) return std::nullopt;
    const auto since = base::FindMember(*item, "since");
    const auto chosen = base::FindMember(*item, "chosen");
    if (!since || !since->is_string() || !chosen) return std::nullopt;
    auto offset = LogOffset::Parse(base::DecodeJsonString(since->text));
    auto selection = tracking::ParseSelection(chosen->text);
    if (!offset || !selection) return std::nullopt;
    history.steps_.push_back(
        {std::move(*offset), std::make_shared<const Selection>(std::move(*selection))});
  }
  if (history.steps_.empty()) return std::nullopt;
  return history;
}

}  // namespace trackwire::notify
