import { useState } from "react";
import { AppLink, ErrorBlock, useGo, useMay } from "../../app";
import { useBackend, useCommand, useSend } from "../../backend";
import { BloodGroup, ClinicalTime, componentName, DonationNumber, groupWords } from "../../clinical";
import { Bar, Button, Loading, NumberField, SectionHead, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { BloodGroup as Group, Component, OfferBag, Offers as View, SiteNeed, SiteOffer, SiteUse } from "../../wire";
import { unitPath } from "../bloodbank/nav";
import { Ask } from "../donors/dialogs";
import { offeredBody, offeredDraft, offeredIn } from "../stock/Offered";
import { boxPath } from "../stock/paths";
import { chanceWords } from "./words";

const groups: readonly Group[] = (["O", "A", "B", "AB"] as const).flatMap((abo) => (["negative", "positive"] as const).map((rhd) => ({ abo, rhd })));

/** Short-dated bags that would likely end here, and who would rather use them. It sends nothing: a person does, in a box. */
export function Offers({ component }: { component: Component }) {
  const read = useCommand("stock.offers", { component });
  const [saying, setSaying] = useState<SiteNeed | null>(null);
  const view = read.data;
  if (view && view.withinDays === null) return null;
  return (
    <section>
      <SectionHead title={m.forecast_offers_title()} note={view ? m.forecast_offers_note({ days: view.withinDays ?? 0, percent: view.below }) : undefined} actions={<b>{m.forecast_offers_says()}</b>} />
      {read.isPending && <div className="p-4"><Loading label={m.forecast_offers_reading()} lines={3} /></div>}
      {read.error && <div className="max-w-[760px] p-4"><ErrorBlock error={read.error} title={m.forecast_offers_failed()} actions={<Button icon="refresh" onPress={() => void read.refetch()}>{m.forecast_again()}</Button>} /></div>}
      {view && (
        <>
          {view.offers.map((offer) => <Send key={offer.to} offer={offer} component={component} />)}
          {view.offers.length === 0 && view.nowhere.length === 0 && <p className="px-4 py-3 text-ink-2">{m.forecast_offers_none()}</p>}
          {view.nowhere.length > 0 && (
            <div className="px-4 py-3">
              <h3 className="m-0 text-lg">{m.forecast_offers_nowhere({ count: view.nowhere.length })}</h3>
              <p className="text-ink-2">{nowhereWhy(view)}</p>
              <Bags label={m.forecast_offers_nowhere({ count: view.nowhere.length })} bags={view.nowhere} />
            </div>
          )}
          {view.leftOut > 0 && <p className="hs-meta px-4">{m.forecast_offers_left_out({ count: view.leftOut })}</p>}
          <Sites view={view} onSay={setSaying} />
        </>
      )}
      {view && saying && <SayDialog key={saying.name} site={saying} view={view} component={component} onClose={() => setSaying(null)} />}
    </section>
  );
}

function nowhereWhy(view: View): string {
  if (view.sites.length === 0) return m.forecast_offers_no_site();
  return view.sites.every((site) => site.uses.length === 0) ? m.forecast_offers_no_use() : m.forecast_offers_no_gain();
}

function Send({ offer, component }: { offer: SiteOffer; component: Component }) {
  const go = useGo();
  const may = useMay();
  const backend = useBackend();
  const send = useSend("transfer.begin");
  // The packer finds the bags of the offer on the page of the box, and has no numbers to remember.
  function begun(box: string) {
    const units = offer.bags.map((bag) => bag.id);
    backend.call("draft.put", { screen: offeredDraft(box), body: offeredBody(units) }).catch(() => undefined);
    go(boxPath(box), offeredIn(units));
  }
  const title = m.forecast_offers_send({ count: offer.bags.length, site: offer.to });
  return (
    <div className="border-b border-line px-4 py-3">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h3 className="m-0 text-lg break-words"><bdi>{title}</bdi></h3>
        {may("receive_blood") && <Button variant="primary" icon="plus" pending={send.isPending} onPress={() => send.mutate({ to: offer.to, component }, { onSuccess: (made) => begun(made.id) })}>{m.forecast_offers_begin()}</Button>}
      </div>
      <p className="max-w-[110ch] text-ink-2">{m.forecast_offers_why({ site: offer.to })}</p>
      {offer.stale && <Bar kind="caution">{m.forecast_offers_stale({ site: offer.to })}</Bar>}
      {send.error && <ErrorBlock error={send.error} />}
      <Bags label={title} bags={offer.bags} />
    </div>
  );
}

const head = "border-b border-line-2 bg-sunken px-2 py-1.5 text-start align-bottom text-sm font-regular text-ink-3";
const cell = "border-b border-line px-2 py-1.5 align-top";

function Bags({ label, bags }: { label: string; bags: OfferBag[] }) {
  const there = bags.some((bag) => bag.there !== null);
  return (
    <div className="mt-2 overflow-x-auto" tabIndex={0} role="region" aria-label={label}>
      <table className="w-full min-w-[640px] border-separate border-spacing-0" aria-label={label}>
        <thead>
          <tr>{[m.forecast_offers_col_bag(), m.forecast_col_group(), m.forecast_offers_col_ends(), m.forecast_offers_col_here(), ...(there ? [m.forecast_offers_col_there()] : [])].map((words) => <th key={words} scope="col" className={head}>{words}</th>)}</tr>
        </thead>
        <tbody>
          {bags.map((bag) => (
            <tr key={bag.id}>
              <th scope="row" className={`${cell} text-start font-regular`}><AppLink to={unitPath(bag.id)} className="text-ink hover:text-accent"><DonationNumber din={bag.din} check={bag.check} /></AppLink></th>
              <td className={cell}><BloodGroup group={bag.group} size="sm" /></td>
              <td className={cell}><ClinicalTime value={bag.endsAt} always="date-time" /><span className="hs-meta block">{m.forecast_offers_days({ count: bag.daysLeft })}</span></td>
              <td className={cell}>{chanceWords(bag.here)}</td>
              {there && <td className={cell}>{bag.there !== null && chanceWords(bag.there)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What each site uses, who said it and when; asked again when it is old. */
function Sites({ view, onSay }: { view: View; onSay(site: SiteNeed): void }) {
  const may = useMay();
  if (view.sites.length === 0) {
    return (
      <p className="max-w-[110ch] px-4 py-3 text-ink-2">
        {m.forecast_sites_none()} {may("manage_facility") && <AppLink to="/settings/sites">{m.forecast_sites_open()}</AppLink>}
      </p>
    );
  }
  return (
    <>
      <SectionHead title={m.forecast_sites_title()} note={m.forecast_sites_note({ days: view.useDays })} />
      <ul className="m-0 list-none p-0">
        {view.sites.map((site) => (
          <li key={site.name} className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-2">
            <b className="break-words"><bdi>{site.name}</bdi></b>
            {site.saidAt
              ? <span className="hs-meta">{m.forecast_sites_said({ count: site.uses.reduce((all, use) => all + use.units, 0) })} · <ClinicalTime value={site.saidAt} always="date-time" /> · <bdi>{site.saidBy}</bdi></span>
              : <span className="text-ink-3">{m.forecast_sites_unsaid()}</span>}
            {site.stale && <Status kind="caution">{m.forecast_sites_stale({ days: view.staleDays })}</Status>}
            {may("receive_blood") && <span className="ms-auto"><Button size="sm" onPress={() => onSay(site)}>{site.saidAt ? m.forecast_sites_again() : m.forecast_sites_say()}</Button></span>}
          </li>
        ))}
      </ul>
    </>
  );
}

const nameOf = (group: Group | null) => (group ? groupWords(group) : m.forecast_all_groups());

function SayDialog({ site, view, component, onClose }: { site: SiteNeed; view: View; component: Component; onClose(): void }) {
  const asked: readonly (Group | null)[] = view.together ? [null] : groups;
  const before = (group: Group | null) => site.uses.find((use) => (use.group ? nameOf(use.group) : null) === (group ? nameOf(group) : null))?.units ?? null;
  const [typed, setTyped] = useState<(number | null)[]>(() => asked.map(before));
  const [tried, setTried] = useState(false);
  const send = useSend("site.use", { onDone: onClose });
  function submit() {
    setTried(true);
    const uses: SiteUse[] = [];
    asked.forEach((group, n) => { const units = typed[n]; if (typeof units === "number") uses.push({ group, units }); });
    if (uses.length === asked.length) send.mutate({ site: site.name, component, uses });
  }
  return (
    <Ask title={m.forecast_say_title({ site: site.name })} act={m.forecast_say_save()} error={send.error} pending={send.isPending} onClose={onClose} onSubmit={submit}>
      <p>{m.forecast_say_text({ days: view.useDays, component: componentName(component) })}</p>
      <div className="grid grid-cols-2 gap-3 max-[520px]:grid-cols-1">
        {asked.map((group, n) => (
          <NumberField key={nameOf(group)} label={nameOf(group)} unit={m.forecast_say_unit()} min={0} max={9999} value={typed[n] ?? null} onChange={(value) => setTyped((all) => all.map((one, at) => (at === n ? value : one)))} error={tried && typeof typed[n] !== "number" ? m.forecast_say_needed() : undefined} />
        ))}
      </div>
    </Ask>
  );
}
