// SPDX-License-Identifier: Apache-2.0
// The treemap of what is shipped, and beside it a table of the same figures.
import { OWNERS, bytesTree, type Division, type Piece } from "./bytes_tree";
import { boxAt, chart, chartState, painted } from "./chart";
import { count, shareText, size, sizeText } from "./figures";
import { derive, state } from "./jsx";
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
  return !!target && !!totals && ["bytes", "Where the bytes are", () => treemap(model)];
};

function treemap(model: AnyModel): JSX.Element {
  const { distributions, use } = model.report;
  const divisions: Division[] = distributions?.length ? ["kind", "folder"] : ["folder"];
  if (use && distributions?.length) divisions.unshift("use");
  const division = state(divisions[0]!);
  const tree = derive(() => bytesTree(model, division.val));
  const of = chartState(() => tree.val, (piece) => pathOf(piece)[0] === tree.val);
  const { focus, focused, height, pointed, top, width } = of;
  const boxes = derive(() => boxesOf(top.val, width.val, height.val));
  const said = () => {
    const one = pointed.val ?? (focused.val ? focus.val : top.val);
    return [
      ...pathOf(one).slice(1, -1).map((above) => above.labelText),
      `${one.labelText}: ${sizeText(one.size)} (${shareText(one.size, top.val.size)})`,
    ].join(", ");
  };
  const enter = (piece: Piece) => of.zoomTo(piece.offspring.length > 0 ? piece : piece.parent ?? tree.val);
  const [markup, canvas] = chart(of, {
    kind: "treemap",
    labelText: () => `Bytes of ${tree.val.labelText}. Arrow keys walk, Enter zooms, Escape shows all.`,
    said,
    weight: (piece) => piece.size,
    nodeAt: (x, y) => boxAt(boxes.val, x, y)?.piece ?? null,
    onPress: enter,
  });
  painted(of, () => paint(canvas, boxes.val, width.val, height.val, focused.val ? focus.val : null));

  const columns = (top: Piece): Column<Piece>[] => [
    {
      ...made("Part", ({ labelText }) => labelText),
      cell: (one) => (
        <button class="zoom" disabled={one.offspring.length === 0} onclick={() => enter(one)}>
          {one.offspring.length === 0 && swatch(color(one.color))}<bdi>{one.labelText}</bdi>
        </button>
      ),
    },
    figure("On disk", (one) => one.disk_bytes, size),
    figure("Size", (one) => one.bytes, size),
    shares((one) => one.size, top.size),
    figure("Files", (one) => one.files, count),
  ];
  const table = ({ val }: typeof top) => (
    <div>
      <Table captionText={`Bytes of ${val.labelText}`} rowList={val.offspring.length > 0 ? val.offspring : [val]} columnList={columns(val)} most={MOST_ROWS} />
    </div>
  );
  const meanings = () => {
    const drawn = boxes.val.map(({ piece }) => piece).filter((one) => one.offspring.length === 0);
    return new Map(drawn.map((one) => [one.color, division.val === "folder" ? OWNERS[one.color] : one.labelText]));
  };
  return (
    <>
      <div class="controls" role="group" aria-label="Divided by">
        {divisions.map((one) => (
          toggleButton(() => one === division.val, () => { division.val = one; }, "By ", one)
        ))}
      </div>
      <div class="treemap">
        <div>{markup}{() => legend([...meanings()])}</div>
        {() => table(top)}
      </div>
    </>
  );
}
