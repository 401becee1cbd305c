// Takes a line of a service's output apart into the fields of an event (spec §16). Pure and total:
// any bytes give fields, no two of one name. A line that the decoder does not match is the field
// `raw`; of one that it matches `data` holds all of it, as JSON.
//
//   json    {"level":"info","n":3}     level=info  n=3  data=the line
//   logfmt  level=info msg="a b"       level=info  msg=a b  data={"level":"info","msg":"a b"}
//   regex   (?P<code>\d+)              code=503  data={"code":"503"}
#pragma once
#include "core/base/result.h"
#include "core/model/observe_source.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace re2 {
class RE2;
}

namespace fb {

class Decoder {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  // Error: a pattern that RE2 does not accept, or that names no group.
  static Result<Decoder> make(const DecoderSpec& spec);

  Fields decode(std::string_view line) const;
  // Whether some line could have a field of that name.
  bool may_yield(std::string_view field) const;

 private:
  explicit Decoder(DecoderSpec::Kind kind) : kind_(kind) {}

  DecoderSpec::Kind kind_;
  std::shared_ptr<const re2::RE2> pattern_;
  std::vector<std::pair<int, std::string>> groups_;  // the named ones by number
};

}  // namespace fb
