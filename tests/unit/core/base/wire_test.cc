#include "core/base/wire.h"

#include <bit>
#include <gtest/gtest.h>
#include <limits>
#include <rapidcheck/gtest.h>
#include <string>
#include <variant>
#include <vector>

namespace fb {
namespace {

using namespace std::string_literals;

std::string encoded(uint64_t value) {
  WireWriter writer;
  writer.u64(value);
  return writer.take();
}
std::string encoded_signed(int64_t value) {
  WireWriter writer;
  writer.i64(value);
  return writer.take();
}

TEST(WireTest, WritesVarints) {
  EXPECT_EQ(encoded(0), "\0"s);
  EXPECT_EQ(encoded(127), "\x7f");
  EXPECT_EQ(encoded(300), "\xac\x02");
  EXPECT_EQ(encoded(std::numeric_limits<uint64_t>::max()),
            "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
  EXPECT_EQ(encoded_signed(0), "\0"s);
  EXPECT_EQ(encoded_signed(-1), "\x01");
  EXPECT_EQ(encoded_signed(1), "\x02");
  EXPECT_EQ(encoded_signed(std::numeric_limits<int64_t>::min()),
            "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
}

TEST(WireTest, RefusesASecondEncodingOfANumber) {
  for (const std::string& bytes :
       {"\x80\x00"s, "\xff\x80\x00"s, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"s,
        "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"s}) {
    EXPECT_FALSE(WireReader(bytes).u64());
  }
}

TEST(WireTest, BoundsWhatALengthMayClaim) {
  const std::string huge = encoded(std::numeric_limits<uint64_t>::max());
  EXPECT_FALSE(WireReader(huge).string());
  EXPECT_FALSE(WireReader(huge).bytes());
  EXPECT_FALSE(WireReader(huge).count());
  const std::string three = encoded(3) + "12345";
  EXPECT_EQ(*WireReader(three).count(), 3u);
  EXPECT_FALSE(WireReader(three).count(2));
}

TEST(WireTest, ChecksRanges) {
  EXPECT_FALSE(WireReader(encoded(2)).boolean());
  EXPECT_FALSE(WireReader(encoded(8)).u64_at_most(7));
  EXPECT_EQ(*WireReader(encoded(7)).u64_at_most(7), 7u);
  const std::string two = encoded(1) + encoded(1);
  WireReader reader(two);
  ASSERT_TRUE(reader.u64());
  EXPECT_EQ(reader.finish().error().message, "the record has 1 bytes too many");
}

using Bytes = std::vector<std::byte>;
using Value = std::variant<uint64_t, int64_t, bool, double, std::string, Bytes>;

void write(WireWriter& writer, const Value& value) {
  struct Visitor {
    WireWriter& out;
    void operator()(uint64_t v) const { out.u64(v); }
    void operator()(int64_t v) const { out.i64(v); }
    void operator()(bool v) const { out.boolean(v); }
    void operator()(double v) const { out.f64(v); }
    void operator()(const std::string& v) const { out.string(v); }
    void operator()(const Bytes& v) const { out.bytes(v); }
  };
  std::visit(Visitor{writer}, value);
}

// Reads a value of the same kind as `like`.
Result<Value> read(WireReader& reader, const Value& like) {
  switch (like.index()) {
    case 0:
      return Value(FB_TRY(reader.u64()));
    case 1:
      return Value(FB_TRY(reader.i64()));
    case 2:
      return Value(FB_TRY(reader.boolean()));
    case 3:
      return Value(FB_TRY(reader.f64()));
    case 4:
      return Value(FB_TRY(reader.string()));
    default:
      return Value(FB_TRY(reader.bytes()));
  }
}

rc::Gen<Value> any_value() {
  const auto number =
      rc::gen::map(rc::gen::pair(rc::gen::arbitrary<uint64_t>(), rc::gen::inRange(0, 64)),
                   [](std::pair<uint64_t, int> p) { return p.first >> p.second; });
  return rc::gen::oneOf(
      rc::gen::map(number, [](uint64_t v) { return Value(v); }),
      rc::gen::map(number, [](uint64_t v) { return Value(static_cast<int64_t>(v)); }),
      rc::gen::map(number, [](uint64_t v) { return Value(-1 - static_cast<int64_t>(v >> 1)); }),
      rc::gen::map(rc::gen::arbitrary<bool>(), [](bool v) { return Value(v); }),
      rc::gen::map(rc::gen::arbitrary<double>(), [](double v) { return Value(v); }),
      rc::gen::map(rc::gen::arbitrary<std::string>(),
                   [](std::string v) { return Value(std::move(v)); }),
      rc::gen::map(rc::gen::arbitrary<std::string>(), [](const std::string& v) {
        Bytes bytes;
        for (char c : v) bytes.push_back(static_cast<std::byte>(c));
        return Value(std::move(bytes));
      }));
}

RC_GTEST_PROP(WireTest, ReadsBackWhatWasWritten, ()) {
  const auto values = *rc::gen::container<std::vector<Value>>(any_value());
  WireWriter writer;
  for (const Value& value : values) write(writer, value);
  WireReader reader(writer.data());
  for (const Value& value : values) {
    const Result<Value> back = read(reader, value);
    RC_ASSERT(back.ok());
    RC_ASSERT(*back == value);
  }
  RC_ASSERT(reader.finish().ok());
}

RC_GTEST_PROP(WireTest, NoticesEveryCut, ()) {
  const auto values = *rc::gen::container<std::vector<Value>>(any_value());
  WireWriter writer;
  for (const Value& value : values) write(writer, value);
  const std::string& whole = writer.data();
  for (size_t cut = 0; cut < whole.size(); ++cut) {
    WireReader reader(std::string_view(whole).substr(0, cut));
    size_t good = 0;
    while (good < values.size() && read(reader, values[good]).ok()) ++good;
    RC_ASSERT(good < values.size());
  }
}

RC_GTEST_PROP(WireTest, TakesAnyBytes, (std::vector<uint8_t> noise)) {
  const std::string bytes(noise.begin(), noise.end());
  WireReader reader(bytes);
  bool ok = true;
  while (ok && !reader.at_end()) {
    const Value kind = *any_value();
    WireReader before = reader;
    const Result<Value> value = read(reader, kind);
    ok = value.ok();
    if (ok && kind.index() != 3) {
      // One value, one encoding: writing it again gives the bytes it was read from.
      WireWriter again;
      write(again, *value);
      WireReader twice(again.data());
      RC_ASSERT(*read(before, kind) == *read(twice, kind));
      RC_ASSERT(twice.at_end());
    }
  }
}

TEST(Base64UrlTest, GivesTheVectorsOfTheRfcWithoutPadding) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff", "-_8"},
  };
  for (const auto& [bytes, text] : rows) {
    EXPECT_EQ(base64url_encode(bytes), text);
    EXPECT_EQ(*base64url_decode(text), bytes);
  }
}

TEST(Base64UrlTest, RefusesOtherText) {
  EXPECT_FALSE(base64url_decode("Zg=="));
  EXPECT_FALSE(base64url_decode("Zm+v"));
  EXPECT_FALSE(base64url_decode("Z"));
  EXPECT_FALSE(base64url_decode("Zm9vY"));
  EXPECT_FALSE(base64url_decode("Zh"));  // 'f' with a bit left over
}

RC_GTEST_PROP(Base64UrlTest, ReadsBackWhatWasWritten, (std::string bytes)) {
  const Result<std::string> back = base64url_decode(base64url_encode(bytes));
  RC_ASSERT(back.ok());
  RC_ASSERT(*back == bytes);
}

}  // namespace
}  // namespace fb
