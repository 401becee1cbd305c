#include "shiviz/registry.h"

#include "shiviz/html_writer.h"
#include "shiviz/human_writer.h"
#include "shiviz/json_writer.h"
#include "shiviz/junit_writer.h"
#include "shiviz/normalized_writer.h"
#include "shiviz/shiviz_writer.h"

namespace fb {

namespace {

const HtmlWriter kHtml;
const HumanWriter kHuman;
const JsonWriter kJson;
const JunitWriter kJunit;
const NormalizedWriter kNormalized;
const ShivizWriter kShiviz;

const TraceWriter* const kWriters[] = {
    &kHtml, &kHuman, &kJson, &kJunit, &kNormalized, &kShiviz,
};

}  // namespace

std::span<const TraceWriter* const> trace_writers() {
  return kWriters;
}

const TraceWriter* find_trace_writer(std::string_view name) {
  for (const TraceWriter* writer : kWriters) {
    if (writer->name() == name) return writer;
  }
  return nullptr;
}

}  // namespace fb
