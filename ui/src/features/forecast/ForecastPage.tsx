import { ErrorBlock, useScreenSearch } from "../../app";
import { useCommand } from "../../backend";
import { ClinicalTime, componentName } from "../../clinical";
import { Bar, Button, Loading, SegmentedControl } from "../../design";
import * as m from "../../paraglide/messages";
import type { Component, ForecastView } from "../../wire";
import { BloodHead } from "../bloodbank/common";
import { components } from "../bloodbank/words";
import { Lines } from "./Lines";
import { Offers } from "./Offers";
import { Use } from "./Use";
import { WhatIf } from "./WhatIf";

type View = "need" | "what_if";

/** The component and the view live in the address, so that reload and a second window show the same. */
export function ForecastPage() {
  const [search, setSearch] = useScreenSearch();
  const component = components.find((c) => c === search.component) ?? "red_cells";
  const view: View = search.view === "what_if" ? "what_if" : "need";
  return (
    <>
      <BloodHead />
      <div className="flex flex-none flex-wrap items-center justify-between gap-x-6 gap-y-2 border-b border-line px-4 py-2">
        <SegmentedControl<Component> label={m.forecast_component()} options={components.map((id) => ({ id, label: componentName(id) }))} value={component} onChange={(next) => setSearch({ component: next })} />
        <SegmentedControl<View> label={m.forecast_views()} options={[{ id: "need", label: m.forecast_view_need() }, { id: "what_if", label: m.forecast_view_what_if() }]} value={view} onChange={(next) => setSearch({ view: next })} />
      </div>
      {view === "need" ? <Need key={component} component={component} /> : <WhatIf key={component} component={component} />}
    </>
  );
}

function Need({ component }: { component: Component }) {
  const read = useCommand("stock.forecast", { component });
  if (read.isError) {
    return <div className="max-w-[760px] p-4"><ErrorBlock error={read.error} title={m.forecast_failed()} actions={<Button icon="refresh" onPress={() => void read.refetch()}>{m.forecast_again()}</Button>} /></div>;
  }
  if (!read.data) return <div className="p-4"><Loading label={m.forecast_reading()} lines={5} /></div>;
  const view = read.data;
  return (
    <div className="relative min-h-0 grow overflow-auto" tabIndex={0} role="region" aria-label={m.forecast_view_need()}>
      <Notes view={view} />
      <Lines view={view} />
      <Offers component={component} />
      <Use view={view} />
      <p className="hs-meta px-4 py-3">{m.design_as_of()} <ClinicalTime value={view.asOf} /></p>
    </div>
  );
}

/** Eight weeks are what the picture shows, and what a forecast wants to know. */
const enoughDays = 56;

function Notes({ view }: { view: ForecastView }) {
  return (
    <>
      {view.daysKnown === 0 ? <Bar kind="notice">{m.forecast_none_known()}</Bar>
        : view.daysKnown < enoughDays && <Bar kind="notice">{m.forecast_few_known({ count: view.daysKnown })}</Bar>}
      {view.unconfirmed && <Bar kind="caution">{m.forecast_unconfirmed()}</Bar>}
    </>
  );
}
