// Draws the figures that notebooks stored: each .nb-plotly holds its data and layout as JSON. plotly itself (a megabyte) is loaded
// only on pages that have one, from the file beside this one, so pages work from file:// too.
(() => {
  const here = document.currentScript.src;
  const dark = () => document.documentElement.dataset.theme === "dark";
  /** The page's colours, so that a figure is readable in the dark theme: transparent ground, legible text and grid. */
  const colours = layout => {
    const grid = dark() ? "#48484f" : "#dfe3e8", look = { paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", "font.color": dark() ? "#ced6dd" : "#323232" };
    for (const axis of ["xaxis", "yaxis", ...Object.keys(layout).filter(k => /^[xy]axis\d*$/.test(k))]) look[`${axis}.gridcolor`] = look[`${axis}.linecolor`] = look[`${axis}.zerolinecolor`] = grid;
    return look;
  };
  const draw = async box => {
    const { data, layout } = JSON.parse(box.querySelector("script").textContent), place = document.createElement("div");
    box.append(place);
    delete layout.width;
    await Plotly.newPlot(place, data, { ...layout, autosize: true }, { responsive: true, displaylogo: false });
    const paint = () => Plotly.relayout(place, colours(layout));
    new MutationObserver(paint).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    await paint();
    box.dataset.drawn = "";
  };
  document.addEventListener("DOMContentLoaded", () => {
    const boxes = document.querySelectorAll(".nb-plotly");
    if (!boxes.length) return;
    const script = document.createElement("script");
    script.src = here.replace(/nb-plotly\.js.*$/, "plotly-basic.min.js");
    script.onload = () => boxes.forEach(draw);
    document.head.append(script);
  });
})();
