/** Light, dark and paper from one set of names. */
export const style = `
:root{--paper:#fff;--ink:#1c2430;--quiet:#5b6675;--line:#dde2ea;--ref:#7c8aa0;--ref-area:#c9d1dd;--cur:#d3581f;--bad:#b3261e;--warn:#9a6700;--good:#1a7f4b;--card:#f6f8fb}
@media (prefers-color-scheme:dark){:root{--paper:#12161d;--ink:#e6eaf0;--quiet:#98a3b3;--line:#2b3442;--ref:#93a2b8;--ref-area:#3a4658;--cur:#ff8a4c;--bad:#ff7b72;--warn:#e3b341;--good:#56d391;--card:#1a202a}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1080px;padding:28px 20px 60px;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
h1{font-size:26px;margin:0 0 4px}h2{font-size:19px;margin:34px 0 10px}h3{font-size:16px;margin:0}
p{margin:4px 0}.quiet{color:var(--quiet)}
.verdict{border-left:6px solid var(--good);background:var(--card);padding:14px 18px;border-radius:6px;margin:16px 0}
.verdict.drift{border-color:var(--bad)}.verdict.at_risk{border-color:var(--warn)}
.figures{display:flex;flex-wrap:wrap;gap:10px;margin:14px 0 0;padding:0;list-style:none}
.figures li{background:var(--paper);border:1px solid var(--line);border-radius:6px;padding:6px 14px}
.figures b{display:block;font-size:19px}.figures span{color:var(--quiet);font-size:13px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:5px 10px 5px 0;border-bottom:1px solid var(--line);vertical-align:top}
thead th{color:var(--quiet);font-weight:600;font-size:13px}
tbody th{font-weight:500;overflow-wrap:anywhere}tbody th a{color:inherit;text-decoration-color:var(--line)}
th.number,td.number{text-align:right;white-space:nowrap}
.ranking{min-width:720px}.ranking th:first-child{min-width:150px}
.scroll{overflow-x:auto}
.tag{display:inline-block;border-radius:10px;padding:0 9px;font-size:13px;border:1px solid currentColor;white-space:nowrap}
.tag.high{color:var(--bad)}.tag.medium{color:var(--warn)}.tag.error,.tag.insufficient_data{color:var(--warn)}.tag.ok{color:var(--quiet)}
article{border:1px solid var(--line);border-radius:8px;padding:14px 18px;margin:14px 0}
article header{display:flex;gap:10px;align-items:baseline;flex-wrap:wrap}
.charts{display:flex;flex-wrap:wrap;gap:20px;margin-top:10px}
figure{margin:0;flex:1 1 300px;max-width:520px}figcaption{color:var(--quiet);font-size:13px}
svg{width:100%;height:auto;display:block}svg text{fill:var(--quiet);font-size:9.5px}
.ref-area{fill:var(--ref-area);stroke:var(--ref);stroke-width:1}.ref-line{fill:none;stroke:var(--ref);stroke-width:2}
.cur-line{fill:none;stroke:var(--cur);stroke-width:2}.axis{stroke:var(--quiet)}.on-chart{paint-order:stroke;stroke:var(--paper);stroke-width:3px}
.legend{display:flex;gap:18px;margin-top:8px;color:var(--quiet);font-size:13px}
.legend i{display:inline-block;width:14px;height:10px;margin-right:6px;border-radius:2px}
.legend .ref,.bar.ref{background:var(--ref)}.legend .cur,.bar.cur{background:var(--cur)}.bar.psi{background:var(--quiet)}
.cells{margin-top:10px;font-size:13px}.cells caption{text-align:left;color:var(--quiet)}.cells td{white-space:nowrap}.cells tbody th{min-width:120px}
.bars{width:24%;min-width:50px}.bar{display:block;height:7px;margin:3px 0;border-radius:2px;min-width:1px}
dl{display:flex;flex-wrap:wrap;gap:4px 22px;margin:8px 0 0;font-size:13px}dt{color:var(--quiet);display:inline}dd{display:inline;margin:0 0 0 6px}dl div{white-space:nowrap}
@media print{@page{margin:14mm}.ranking{min-width:0}.scroll{overflow:visible}tr,dl,.charts,.verdict,.legend,article header{break-inside:avoid}article header,article>p,dl,.legend,.charts,thead{break-after:avoid}article{padding:8px 12px;margin:8px 0;box-decoration-break:clone;-webkit-box-decoration-break:clone}figure{max-width:300px}th,td{padding-top:2px;padding-bottom:2px}h2{margin-top:18px}:root{--paper:#fff;--ink:#000;--quiet:#444;--line:#bbb;--ref:#777;--ref-area:#ccc;--cur:#c2410c;--bad:#b3261e;--warn:#7a5200;--good:#146c3f;--card:#fff}body{max-width:none;padding:0;font-size:9.5pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}.verdict{border:1px solid var(--line);border-left:6px solid var(--good)}h2{break-after:avoid}}
`;
