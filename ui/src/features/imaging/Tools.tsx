import type { ViewerAct } from "../../app";
import { Button, Menu, SegmentedControl, Switch } from "../../design";
import * as m from "../../paraglide/messages";
import { type Cine, speedText } from "./cine";
import { measureWords } from "./Drawn";
import { type FilmHand, isMeasure, type Measures, type Preset, stepped, type Tool } from "./films";
import { type Layout, layouts } from "./hanging";
import * as g from "./viewport/geometry";
import { type MeasureKind, pointsOf } from "./viewport/measure";

const presetWords: Record<string, () => string> = {
  soft_tissue: m.image_preset_soft_tissue,
  lung: m.image_preset_lung,
  liver: m.image_preset_liver,
  bone: m.image_preset_bone,
  brain: m.image_preset_brain,
  mediastinum: m.image_preset_mediastinum,
  abdomen: m.image_preset_abdomen,
};
const presetWord = (p: Preset, number: number) => (p.ct && p.name ? presetWords[p.name]?.() : p.name) ?? m.image_preset_from_file({ number });

const layoutWords: Record<Layout, () => string> = { "1x1": m.image_layout_1x1, "1x2": m.image_layout_1x2, "2x2": m.image_layout_2x2 };
const measureKeys: Record<MeasureKind, ViewerAct> = { length: "length", angle: "angle", ellipse: "ellipse", ratio: "ratio" };

interface ToolsProps {
  /** Of the active pane; null when nothing hangs there. */
  hand: FilmHand | null;
  measures: Measures;
  presets: Preset[];
  cine: Cine;
  layout: Layout;
  onLayout(layout: Layout): void;
  linked: boolean;
  onLinked(on: boolean): void;
  zoom(factor: number): void;
  /** Opens the study in a window of its own; absent in such a window. */
  beside?(): void;
  keyOfAct(act: ViewerAct): string;
}

export function Tools({ hand, measures, presets, cine, layout, onLayout, linked, onLinked, zoom, beside, keyOfAct }: ToolsProps) {
  const { tool, pick } = measures;
  const tools: { id: Tool | "measure"; label: string; kbd: string }[] = [
    { id: "level", label: m.image_tool_level(), kbd: keyOfAct("level") },
    { id: "pan", label: m.image_tool_pan(), kbd: keyOfAct("pan") },
    { id: "zoom", label: m.image_tool_zoom(), kbd: keyOfAct("zoom") },
    // The last kind measured with keeps its place among the tools.
    { id: "measure", label: measureWords[measures.kind](), kbd: keyOfAct(measureKeys[measures.kind]) },
  ];
  const grey = hand !== null && hand.image.samples !== 3;
  const window = (what: Parameters<typeof stepped>[1]) => hand?.change((s) => ({ window: stepped(s.window, what) }));
  return (
    <div role="group" aria-label={m.image_tool_bar()} className="flex min-h-9 flex-none flex-wrap items-center gap-1 border-b border-line bg-surface px-2 py-1">
      <SegmentedControl label={m.image_tool_group()} options={tools} value={isMeasure(tool) ? "measure" : tool} onChange={(next) => pick(next === "measure" ? measures.kind : next)} />
      <Menu
        label={m.image_tool_measure()}
        trigger={<Button size="sm" variant="quiet">{m.image_tool_measure()}</Button>}
        items={[
          ...(Object.keys(pointsOf) as MeasureKind[]).map((kind) => ({ id: kind, label: measureWords[kind](), kbd: keyOfAct(measureKeys[kind]), onAction: () => pick(kind) })),
          { id: "delete", label: m.image_tool_delete_measure(), kbd: "Backspace", onAction: () => { if (hand) measures.removeLast(hand.image.id, hand.state.frame); } },
        ]}
      />
      <Menu
        label={m.image_tool_window()}
        trigger={<Button size="sm" variant="quiet">{m.image_tool_window()}</Button>}
        items={[
          ...presets.map((p, i) => ({ id: `preset${i}`, label: `${presetWord(p, 1 + presets.slice(0, i).filter((x) => !x.ct).length)}  W ${Math.round(p.width)} L ${Math.round(p.center)}`, kbd: String(i + 1), onAction: () => hand?.change({ window: { center: p.center, width: p.width } }) })),
          ...(grey ? [
            { id: "brighter", label: m.image_tool_brighter(), kbd: "Shift ↑", onAction: () => window("brighter") },
            { id: "darker", label: m.image_tool_darker(), kbd: "Shift ↓", onAction: () => window("darker") },
            { id: "narrower", label: m.image_tool_narrower(), kbd: "Shift ←", onAction: () => window("narrower") },
            { id: "wider", label: m.image_tool_wider(), kbd: "Shift →", onAction: () => window("wider") },
          ] : []),
          { id: "invert", label: m.image_tool_invert(), icon: "invert" as const, kbd: keyOfAct("invert"), onAction: () => hand?.change((s) => ({ inverted: !s.inverted })) },
        ]}
      />
      <Menu
        label={m.image_tool_place()}
        trigger={<Button size="sm" variant="quiet">{m.image_tool_place()}</Button>}
        items={[
          { id: "fit", label: m.image_tool_fit(), icon: "fit" as const, kbd: keyOfAct("fit"), onAction: () => hand?.place((p) => ({ ...p, scale: null, pan: { x: 0, y: 0 } })) },
          { id: "in", label: m.image_tool_zoom_in(), kbd: keyOfAct("zoom_in"), onAction: () => zoom(1.25) },
          { id: "out", label: m.image_tool_zoom_out(), kbd: keyOfAct("zoom_out"), onAction: () => zoom(0.8) },
          { id: "h", label: m.image_tool_flip_h(), icon: "flipH" as const, kbd: keyOfAct("flip_h"), onAction: () => hand?.place(g.flipH) },
          { id: "v", label: m.image_tool_flip_v(), kbd: keyOfAct("flip_v"), onAction: () => hand?.place(g.flipV) },
          { id: "r", label: m.image_tool_rotate_right(), icon: "rotate" as const, kbd: keyOfAct("rotate_right"), onAction: () => hand?.place(g.rotateRight) },
          { id: "l", label: m.image_tool_rotate_left(), kbd: keyOfAct("rotate_left"), onAction: () => hand?.place(g.rotateLeft) },
        ]}
      />
      <Button size="sm" variant="quiet" icon="undo" kbd={keyOfAct("reset")} onPress={() => { pick("level"); hand?.reset(); }}>{m.image_tool_reset()}</Button>
      {cine.can && (
        <>
          <Button size="sm" variant={cine.playing ? "secondary" : "quiet"} kbd={keyOfAct("play")} onPress={cine.toggle}>{cine.playing ? m.image_cine_pause() : m.image_cine_play()}</Button>
          <Menu
            label={m.image_cine_speed()}
            trigger={<Button size="sm" variant="quiet"><span aria-hidden="true">{m.image_cine_short({ fps: speedText(cine.speed) })}</span><span className="hs-vh">{m.image_cine_fps({ fps: speedText(cine.speed) })}</span></Button>}
            items={cine.speeds.map((fps) => ({ id: String(fps), label: (fps === cine.own ? m.image_cine_own : m.image_cine_fps)({ fps: speedText(fps) }), kbd: fps === cine.slower ? keyOfAct("slower") : fps === cine.faster ? keyOfAct("faster") : undefined, onAction: () => cine.setSpeed(fps) }))}
          />
        </>
      )}
      <span className="ms-auto flex items-center gap-1">
        {layout !== "1x1" && <Switch isSelected={linked} onChange={onLinked}>{m.image_linked()} <kbd className="hs-kbd">{keyOfAct("linked")}</kbd></Switch>}
        <Menu
          label={m.image_layout()}
          trigger={<Button size="sm" variant="quiet" icon="layout" kbd={keyOfAct("layout")}>{layoutWords[layout]()}<span className="hs-vh"> {m.image_layout()}</span></Button>}
          items={[
            ...layouts.map((l) => ({ id: l, label: layoutWords[l](), onAction: () => onLayout(l) })),
            ...(beside ? [{ id: "beside", label: m.image_beside(), kbd: keyOfAct("window"), onAction: beside }] : []),
          ]}
        />
        {/* Where there is no room the menu beside it has the same. */}
        {beside && <span className="hidden min-[1600px]:contents"><Button size="sm" variant="quiet" icon="layout" kbd={keyOfAct("window")} onPress={beside}>{m.image_beside()}</Button></span>}
      </span>
    </div>
  );
}
