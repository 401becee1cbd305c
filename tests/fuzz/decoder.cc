// Decoders and the cutting of lines on any bytes. The first byte chooses the decoder and how the
// rest is cut.
#include "core/trace/decoder.h"

#include "core/base/check.h"
#include "core/trace/line_splitter.h"

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using fb::DecoderSpec;
  if (size == 0) return 0;
  const auto kind = static_cast<DecoderSpec::Kind>(data[0] & 3);
  const size_t piece = size_t{data[0]} / 4 + 1;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  static const std::string pattern = "(?P<a>[a-z]+)=(?P<b>.*)|(?P<c>\\d)";
  const fb::Decoder decoder = fb::Decoder::make({kind, pattern}).value();

  std::vector<fb::Line> whole, cut;
  const auto collect = [](std::vector<fb::Line>& lines) {
    return [&lines](fb::Line line) { lines.push_back(std::move(line)); };
  };
  fb::LineSplitter whole_splitter, cut_splitter;
  whole_splitter.add(bytes, collect(whole));
  for (size_t i = 0; i < bytes.size(); i += piece)
    cut_splitter.add(bytes.substr(i, piece), collect(cut));
  FB_CHECK(whole == cut);
  FB_CHECK(whole_splitter.end() == cut_splitter.end());

  for (const fb::Line& line : whole) {
    FB_CHECK(line.text.size() <= fb::LineSplitter::kLineMax);
    std::set<std::string> names;
    const auto fields = decoder.decode(line.text);
    for (const auto& [name, value] : fields) FB_CHECK(names.insert(name).second);
    FB_CHECK(!fields.empty());
    if (fields.back().first == "data")
      FB_CHECK(!nlohmann::json::parse(fields.back().second, nullptr, false).is_discarded());
  }
  return 0;
}
