#include "shiviz/html_page.h"

namespace fb {

std::string_view html_style() {
  return R"css(
:root { color-scheme: light dark; --page: #fff; --ink: #1c2024; --soft: #60646c; --line: #d9dce1; --box: #f6f7f9;
  --good: #18794e; --bad: #c62a2f; --warn: #946800; --link: #0b5fb0; --band: #f5a62333; }
@media (prefers-color-scheme: dark) {
  :root { --page: #111315; --ink: #e8eaed; --soft: #a0a6ad; --line: #343a40; --box: #1a1d20;
    --good: #4cc38a; --bad: #ff8589; --warn: #f1c40f; --link: #70b8ff; --band: #f5a62333; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 80rem; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin: 0; display: inline; } h3 { font-size: 1rem; margin: 1.2rem 0 .4rem; }
a { color: var(--link); }
code, pre, .mono { font: 13px/1.45 ui-monospace, monospace; }
pre { background: var(--box); border: 1px solid var(--line); border-radius: 6px; padding: .6rem; margin: .4rem 0;
  white-space: pre-wrap; }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .6rem 0; }
dl.facts dt { color: var(--soft); } dl.facts dd { margin: 0; }
table { border-collapse: collapse; width: 100%; } .scroll { overflow-x: auto; }
th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 600; }
details.test { border: 1px solid var(--line); border-radius: 8px; margin: .8rem 0; padding: .5rem .8rem; }
details.test > summary { cursor: pointer; } summary .time { color: var(--soft); }
.pass { color: var(--good); } .fail, .error { color: var(--bad); } .cancelled, .warning { color: var(--warn); }
.info { color: var(--soft); } .verdict { font-weight: 700; }
ul.diagnostics { padding-left: 1.2rem; } .hint { color: var(--soft); }
form.filters { display: flex; flex-wrap: wrap; gap: .4rem 1rem; align-items: center; margin: .4rem 0; }
form.filters select, form.filters input { font: inherit; color: inherit; background: var(--box);
  border: 1px solid var(--line); border-radius: 4px; padding: .15rem .3rem; max-width: 14rem; }
.no-script form.filters { display: none; }
.diagram { overflow: auto; max-height: 40rem; border: 1px solid var(--line); border-radius: 6px; }
.diagram:focus-visible, a:focus-visible, summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
svg text { font: 12px ui-monospace, monospace; fill: var(--ink); }
svg .lane { stroke: var(--line); } svg .name { font-weight: 700; }
svg .arrow { stroke: var(--soft); fill: none; opacity: .7; }
svg .dot { fill: var(--soft); } svg .fault .dot { fill: var(--bad); } svg .step .dot { fill: var(--link); }
svg .life .dot { fill: var(--good); } svg .violation .dot { fill: var(--bad); }
svg .fault text { fill: var(--bad); } svg .band { fill: var(--band); }
svg g.off { opacity: .12; } svg g:target text { text-decoration: underline; font-weight: 700; }
)css";
}

std::string_view html_script() {
  return R"js(
"use strict";
document.documentElement.classList.remove("no-script");
for (const form of document.querySelectorAll("form.filters")) {
  const events = document.getElementById(form.dataset.diagram).querySelectorAll("g.event");
  const count = form.querySelector("output");
  const apply = () => {
    const wanted = { service: form.elements.service.value, type: form.elements.type.value };
    const decision = form.elements.decision.value.trim().toLowerCase();
    let shown = 0;
    for (const event of events) {
      const off = (wanted.service ? event.dataset.service !== wanted.service : false) ||
                  (wanted.type ? event.dataset.type !== wanted.type : false) ||
                  !(event.dataset.decision || "").toLowerCase().includes(decision);
      event.classList.toggle("off", off);
      if (!off) ++shown;
    }
    count.value = shown + " of " + events.length + " events";
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", e => e.preventDefault());
  apply();
}
// A link to an event opens the test it belongs to.
const reveal = () => {
  const target = document.getElementById(location.hash.slice(1));
  if (!target) return;
  const test = target.closest("details");
  if (test) test.open = true;
  target.scrollIntoView({ block: "center", inline: "nearest" });
};
addEventListener("hashchange", reveal);
reveal();
)js";
}

}  // namespace fb
