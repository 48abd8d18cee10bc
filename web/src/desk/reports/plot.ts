/** uPlot, for figures with their intervals. Loaded with the first plot, and not before. */

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export interface PlotPoint {
  readonly label: string;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

const HEIGHT_PX = 260;
const WHISKER_PX = 5;

/** One figure over groups, joined where those follow each other. Whiskers are its interval. Answers what takes it away. */
export function draw(place: HTMLElement, points: readonly PlotPoint[], unit: string, isOverTime: boolean): () => void {
  const style = getComputedStyle(place);
  const colour = (name: string) => toRgb(place, style.getPropertyValue(name));
  const [line, text, grid] = [colour("--accent"), colour("--text-2"), colour("--line")];
  const font = `12px ${style.getPropertyValue("--font")}`;
  const highest = Math.max(1, ...points.map(({ value, high }) => high ?? value ?? 0));
  const axis = { stroke: text, font, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } };
  const dots: uPlot.Series = { stroke: line, width: 2, points: { show: true, size: 7, fill: line, stroke: line } };
  const plot = new uPlot(
    {
      width: place.clientWidth,
      height: HEIGHT_PX,
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, range: [-0.5, Math.max(points.length - 0.5, 0.5)] },
        y: { range: [0, unit === "%" ? 100 : highest * 1.1] },
      },
      axes: [
        {
          ...axis,
          space: 60,
          incrs: [1, 2, 5, 10, 20, 50, 100],
          values: (_, at) => at.map((index) => (Number.isInteger(index) ? (points[index]?.label ?? "") : "")),
        },
        { ...axis, size: 56, values: (_, at) => at.map((value) => `${value}${unit && ` ${unit}`}`) },
      ],
      series: [{}, isOverTime ? dots : { ...dots, paths: () => null }],
      hooks: { draw: [(drawn) => whiskers(drawn, points, line)] },
    },
    [points.map((_, index) => index), points.map(({ value }) => value)],
    place,
  );
  const watched = new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: HEIGHT_PX }));
  watched.observe(place);
  return () => {
    watched.disconnect();
    plot.destroy();
  };
}

function whiskers(plot: uPlot, points: readonly PlotPoint[], colour: string): void {
  const { ctx } = plot;
  const half = WHISKER_PX * devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  for (const [index, { low, high }] of points.entries()) {
    if (low === null || high === null) continue;
    const x = plot.valToPos(index, "x", true);
    const [bottom, top] = [plot.valToPos(low, "y", true), plot.valToPos(high, "y", true)];
    ctx.moveTo(x, bottom);
    ctx.lineTo(x, top);
    for (const y of [bottom, top]) {
      ctx.moveTo(x - half, y);
      ctx.lineTo(x + half, y);
    }
  }
  ctx.stroke();
  ctx.restore();
}

/** A canvas knows no light-dark(): the browser is asked what it comes to here. */
function toRgb(place: HTMLElement, colour: string): string {
  const probe = document.createElement("span");
  probe.style.color = colour;
  place.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}
