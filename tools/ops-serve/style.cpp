#include "style.hpp"

namespace {

// Below 44rem a table is too wide: each row becomes a card there, each cell a line with its column's title.
constexpr std::string_view styles = R"css(
:root{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--ink:#1c2430;--soft:#5b6676;--line:#dfe3e9;--gap:#eef0f4;--good:#1a7f4b;--bad:#b3261e;--odd:#8a5a00;--bar:#3767b1;--bar2:#b3561e}
@media(prefers-color-scheme:dark){:root{--page:#12161c;--card:#1a2028;--ink:#e6eaf0;--soft:#9aa6b6;--line:#2c3540;--gap:#222a34;--good:#5cc98c;--bad:#ff8a80;--odd:#e8b65a;--bar:#7ba7ec;--bar2:#eb9a66}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;-webkit-text-size-adjust:100%}
main{max-width:72rem;margin:0 auto;padding:1.25rem 1rem 3rem}
h1{font-size:1rem;font-weight:600;color:var(--soft);margin:0 0 .75rem}
h2{font-size:1.05rem;margin:2rem 0 .6rem}
.head,.now>div,figure,.scroll{background:var(--card);border-radius:.4rem;box-shadow:0 1px 2px #0002}
.head{border-left:.4rem solid var(--good);padding:1rem 1.25rem}
.head>p:first-child{font-size:1.6rem;line-height:1.2;font-weight:650;margin:0;color:var(--good)}
.head.attention{border-color:var(--bad)}.head.attention>p:first-child{color:var(--bad)}
.head.unknown{border-color:var(--odd)}.head.unknown>p:first-child{color:var(--odd)}
.head ul{margin:.4rem 0 0;padding:0;list-style:none}.head li{margin-top:.75rem}.head p{margin:.4rem 0 0}
.todo{display:block;color:var(--soft);font-size:.93rem}
code{font:.9rem/1.5 ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;color:var(--ink);background:var(--gap);border-radius:.25rem;padding:.1rem .4rem;overflow-wrap:anywhere;-webkit-box-decoration-break:clone;box-decoration-break:clone}
.now{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.75rem;margin:1.25rem 0 0}
.now>div{padding:.7rem .9rem}
dt{color:var(--soft);font-size:.85rem}
dd{margin:0;font-size:1.3rem;font-weight:600;font-variant-numeric:tabular-nums;white-space:nowrap}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(18rem,1fr));gap:.75rem}
figure{margin:0;padding:.7rem .9rem}
figcaption{display:flex;flex-wrap:wrap;justify-content:space-between;column-gap:1rem;font-size:.85rem;color:var(--soft);margin-bottom:.4rem}
figcaption b{color:var(--ink);font-weight:600}
svg{display:block;width:100%;height:3.5rem;fill:var(--bar)}svg.failing{fill:var(--bar2)}svg .base{fill:var(--line)}svg .gap{fill:var(--gap)}
.axis{display:flex;justify-content:space-between;font-size:.75rem;color:var(--soft);margin:.25rem 0 0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.93rem}
th,td{text-align:left;padding:.5rem .75rem;white-space:nowrap;border-top:1px solid var(--line);font-weight:400}
th:first-child,td:first-child{padding-left:.9rem}th:last-child,td:last-child{padding-right:.9rem}
thead th{border-top:0;color:var(--soft);font-weight:500;font-size:.85rem}
.n{text-align:right;font-variant-numeric:tabular-nums}
.good{color:var(--good)}.bad{color:var(--bad);font-weight:600}.odd{color:var(--odd);font-weight:600}.soft,.none{color:var(--soft)}
.mark::before{content:"\25CF\A0"}
footer{margin-top:2rem;color:var(--soft);font-size:.85rem}
@media(max-width:44rem){
.todo code{display:block;width:fit-content;margin-top:.15rem}
table,tbody,tr{display:block}thead{display:none}
tr{padding:.6rem .9rem;border-top:1px solid var(--line)}tbody tr:first-child{border-top:0}
tbody th,tbody td,tbody th:first-child,tbody td:last-child{display:flex;justify-content:space-between;gap:1rem;border:0;padding:.1rem 0;white-space:normal;overflow-wrap:anywhere;text-align:right}
tbody th{font-weight:600;text-align:left}
tbody td::before{content:attr(data-title);color:var(--soft);font-weight:400;white-space:nowrap}
}
)css";

}  // namespace

std::string_view style_sheet() { return styles; }
