// SPDX-License-Identifier: Apache-2.0
// The treemap of what is shipped, and beside it a table of the same figures.
import { setting } from "./address";
import { MEASURES, OWNERS, bytesTree, type Division, type Piece } from "./bytes_tree";
import { boxAt, chart, chartState, painted } from "./chart";
import { count, shareText, size, sizeText } from "./figures";
import { derive } from "./jsx";
import type { AnyModel } from "./model";
import { choice, legend, swatch, type View } from "./parts";
import { Table, figure, made, shares, type Column } from "./table";
import { pathOf } from "./tree";
import { boxesOf } from "./treemap_layout";
import { paint } from "./treemap_paint";
import { color } from "./words";

const MOST_ROWS = 14; // at first: about as high as the chart

/** How the bytes can be divided: of a target by what it ships, of packages by what was measured. */
function divisionsOf({ report: { distributions: all, target, totals, use } }: AnyModel): [Division, string][] {
  const found: [Division, string][] = [];
  const has = !!all?.length;
  if (target && totals) {
    if (use && has) found.push(["use", "By use"]);
    if (has) found.push(["kind", "By kind"]);
    found.push(["folder", "By folder"]);
  }
  for (const [key, [words, , of]] of Object.entries(MEASURES) as [keyof typeof MEASURES, [string, string, typeof MEASURES.shipped[2]]][])
    if (all?.some((one) => of(one)! > 0) && (key !== "shipped" || found.length === 0)) found.push([key, words]);
  return found;
}

export const bytes: View = (model) => {
  const divisions = divisionsOf(model);
  return divisions.length > 0 && ["bytes", "Where the bytes are", () => treemap(model, divisions)];
};

function treemap(model: AnyModel, divisions: [Division, string][]): JSX.Element {
  const chosen = setting("bytes", divisions[0]![0]);
  const division = derive(() => divisions.find(([key]) => key === chosen.val)?.[0] ?? divisions[0]![0]);
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
    labelText: () => `Bytes of ${tree.val.labelText}.`,
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
          {one.offspring.length === 0 && swatch(color(one.hue))}<bdi>{one.labelText}</bdi>
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
    return new Map(drawn.map((one) => [one.hue, division.val === "folder" ? OWNERS[one.hue] : MEASURES[division.val as "opened"]?.[0] ?? one.labelText]));
  };
  return (
    <>
      <div class="controls">{choice("Divided by", divisions, chosen)}</div>
      <div class="treemap">
        <div>{markup}{() => legend([...meanings()])}</div>
        {() => table(top)}
      </div>
    </>
  );
}
