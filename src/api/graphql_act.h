#pragma once

#include <functional>
#include <memory>
#include <string>

#include "api/graphql_page.h"
#include "api/graphql_schema.h"
#include "auth/audit.h"

namespace trackwire::api {

/// Something an administrator does, until it is answered. The audit log is told of it then, once. Any
/// thread.
class GraphqlAct {
 public:
  /// `what` is a stable word such as `tracker.create`.
  GraphqlAct(const graphql::Call& call, const char* what, std::string target, graphql::Reply reply)
      : actor_(call.context<GraphqlContext>().actor()),
        what_(what),
        target_(std::move(target)),
        answer_(ReplyFromAnywhere(call, std::move(reply))) {}

  void Succeed(graphql::Resolved value) const {
    auth::Audit(actor_, {what_, target_, "done"});
    answer_(std::move(value));
  }
  void Fail(graphql::Failure failure) const {
    auth::Audit(actor_, {what_, target_, failure.code});
    answer_(std::move(failure));
  }
  void Fail(const Error& error) const { Fail(FailureOf(error)); }

 private:
  const auth::Actor actor_;
  const std::string what_;
  const std::string target_;
  const std::function<void(graphql::Resolved)> answer_;
};

/// The source of `Deleted`.
struct GraphqlDeleted {
  std::string id;
};

}  // namespace trackwire::api
