// SPDX-License-Identifier: Apache-2.0
// The treemap of what is shipped, and beside it a table of the same figures.
import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { OWNERS, bytesTree, type Division, type Piece } from "./bytes_tree";
import { boxAt, chart, useChart } from "./chart";
import { count, shareText, size, sizeText } from "./figures";
import type { AnyModel } from "./model";
import { legend, swatch, toggleButton, type View } from "./parts";
import { Table, figure, made, shares, type Column } from "./table";
import { pathOf } from "./tree";
import { boxesOf } from "./treemap_layout";
import { paint } from "./treemap_paint";
import { color } from "./words";

const MOST_ROWS = 14; // at first: about as high as the chart

export const bytes: View = (model) => {
  const { target, totals } = model.report;
  return !!target && !!totals && ["bytes", "Where the bytes are", () => <Treemap model={model} />];
};

function Treemap({ model }: { model: AnyModel }): JSX.Element {
  const { distributions, use } = model.report;
  const divisions: Division[] = distributions?.length ? ["kind", "folder"] : ["folder"];
  if (use && distributions?.length) divisions.unshift("use");
  const [division, setDivision] = useState(divisions[0]!);
  const tree = useMemo(() => bytesTree(model, division), [model, division]);
  const state = useChart(tree, (piece) => pathOf(piece)[0] === tree);
  const { canvas, focus, focused, height, pointed, theme, top, width, zoomTo } = state;
  const boxes = useMemo(() => boxesOf(top, width, height), [top, width, height]);
  useEffect(() => {
    if (canvas.current && width > 0) paint(canvas.current, boxes, width, height, focused ? focus : null);
  }, [boxes, focused, focus, theme]);

  const said = pointed ?? (focused ? focus : top);
  const enter = (piece: Piece) => zoomTo(piece.offspring.length > 0 ? piece : piece.parent ?? tree);
  const columns: Column<Piece>[] = [
    {
      ...made("Part", ({ labelText }) => labelText),
      cell: (one) => (
        <button class="zoom" disabled={one.offspring.length === 0} onClick={() => enter(one)}>
          {one.offspring.length === 0 && swatch(color(one.color))}<bdi>{one.labelText}</bdi>
        </button>
      ),
    },
    figure("On disk", (one) => one.disk_bytes, size),
    figure("Size", (one) => one.bytes, size),
    shares((one) => one.size, top.size),
    figure("Files", (one) => one.files, count),
  ];
  const drawn = boxes.map(({ piece }) => piece).filter((one) => one.offspring.length === 0);
  const meanings = new Map(drawn.map((one) => [one.color, division === "folder" ? OWNERS[one.color] : one.labelText]));
  return (
    <>
      <div class="controls" role="group" aria-label="Divided by">
        {divisions.map((one) => (
          toggleButton(one === division, () => setDivision(one), "By ", one)
        ))}
      </div>
      <div class="treemap">
        <div>
          {chart(state, {
            kind: "treemap",
            labelText: `Bytes of ${tree.labelText}. Arrow keys walk, Enter zooms, Escape shows all.`,
            said: [
              ...pathOf(said).slice(1, -1).map((one) => one.labelText),
              `${said.labelText}: ${sizeText(said.size)} (${shareText(said.size, top.size)})`,
            ].join(", "),
            weight: (piece) => piece.size,
            nodeAt: (x, y) => boxAt(boxes, x, y)?.piece ?? null,
            onClick: enter,
          })}
          {legend([...meanings])}
        </div>
        <div>
          <Table key={top.key} captionText={`Bytes of ${top.labelText}`} rowList={top.offspring.length > 0 ? top.offspring : [top]} columnList={columns} most={MOST_ROWS} />
        </div>
      </div>
    </>
  );
}
