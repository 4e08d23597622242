import { type FormEvent, useEffect, useState } from "react";
import { useSetStatus, useStatus } from "../../app";
import { useSend } from "../../backend";
import { ClinicalTime, formatDay, Identifier, ltr } from "../../clinical";
import { Button, Dialog, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { DonorOwn, OwnWhy } from "../../wire";
import { refusal } from "../requests/parts";
import { showKiosk } from "./kiosk";
import { kindWord } from "./words";

/** The program sends so many at most: of more, their number is not how often somebody gave. */
const NEWEST = 100;

/** Left alone so long, the page goes; the door of the program stays shut behind it. */
const LEFT_ALONE_MS = 180_000;

const whys: Record<OwnWhy, () => string> = { interval: m.kiosk_why_interval, too_often: m.kiosk_why_too_often, age: m.kiosk_why_age, ask_us: m.kiosk_why_ask_us };
const day = (iso: string) => ltr(formatDay(iso) ?? iso);

/** The donor's own page: large, calm, without a test and without anything that leads elsewhere. */
export function Kiosk({ own }: { own: DonorOwn }) {
  const [closing, setClosing] = useState(false);
  useLeftAlone(() => showKiosk(null));
  return (
    <main className="relative h-full overflow-auto bg-canvas" tabIndex={0} aria-label={m.kiosk_hello({ name: own.given })}>
      <div className="mx-auto grid max-w-[860px] gap-8 px-6 py-10 text-lg">
        <header className="grid gap-1">
          <h1 className="m-0 text-3xl"><bdi>{m.kiosk_hello({ name: own.given })}</bdi></h1>
          <p className="text-ink-2">{m.kiosk_number()} <Identifier>{own.number}</Identifier></p>
        </header>
        <section className="grid gap-3">
          <h2 className="m-0 text-2xl">{m.kiosk_next()}</h2>
          <ul className="m-0 grid list-none gap-3 p-0">
            {own.next.map((n) => (
              <li key={n.kind} className="grid gap-1 rounded-md border border-line-2 bg-surface px-5 py-4">
                <span className="text-ink-2">{kindWord(n.kind)}</span>
                <b className="text-2xl">{n.on === null ? m.kiosk_ask() : n.on <= own.today ? m.kiosk_now() : m.kiosk_from({ day: day(n.on) })}</b>
                {n.why && (n.on === null || n.on > own.today) && <span>{whys[n.why]()}</span>}
              </li>
            ))}
          </ul>
        </section>
        <section className="grid gap-3">
          <h2 className="m-0 text-2xl">{m.kiosk_appointments()}</h2>
          {own.appointments.length === 0 ? <p>{m.kiosk_appointments_none()}</p> : <ul className="m-0 grid list-none gap-2 p-0">{own.appointments.map((a) => <li key={a.at}><b><ClinicalTime value={a.at} always="date-time" /></b> · {kindWord(a.kind)}</li>)}</ul>}
        </section>
        <section className="grid gap-3">
          <h2 className="m-0 text-2xl">{m.kiosk_gifts()}</h2>
          {own.gifts.length === 0 ? <p>{m.kiosk_gifts_none()}</p> : (
            <>
              <p>{own.gifts.length >= NEWEST ? m.kiosk_gifts_newest({ count: own.gifts.length }) : m.kiosk_gifts_count({ count: own.gifts.length })}</p>
              <ul className="m-0 grid list-none gap-2 p-0">
                {own.gifts.map((g) => <li key={g.din} className="flex flex-wrap gap-x-4"><b>{day(g.on)}</b><span>{kindWord(g.kind)}</span>{g.volumeMl !== null && <span className="text-ink-2">{m.donor_ended({ volume: g.volumeMl })}</span>}</li>)}
              </ul>
            </>
          )}
        </section>
        <footer className="grid justify-items-start gap-2 border-t border-line-2 pt-4 text-base text-ink-2">
          <p>{m.kiosk_close_text()}</p>
          <Button size="lg" icon="lock" onPress={() => setClosing(true)}>{m.kiosk_staff()}</Button>
        </footer>
      </div>
      {closing && <CloseDialog onClose={() => setClosing(false)} />}
    </main>
  );
}

function CloseDialog({ onClose }: { onClose(): void }) {
  const { session } = useStatus();
  const setStatus = useSetStatus();
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const send = useSend("session.unlock", { onDone: (status) => { setStatus(status); showKiosk(null); } });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    setTried(true);
    if (password) send.mutate({ password }, { onError: () => { setPassword(""); setTried(false); } });
  };
  return (
    <Dialog isOpen onClose={onClose} title={m.kiosk_close()} footer={<><Button type="submit" form="kiosk-close" variant="primary" size="lg" pending={send.isPending}>{m.kiosk_close()}</Button><Button size="lg" onPress={onClose}>{m.kiosk_cancel()}</Button></>}>
      <form id="kiosk-close" noValidate onSubmit={submit} className="grid gap-3">
        <TextField name="password" type="password" size="lg" autoFocus autoComplete="current-password" label={m.kiosk_password({ name: session?.displayName ?? "" })} value={password} onChange={setPassword} error={tried && !password ? m.kiosk_password_need() : undefined} />
        {refusal(send.error)}
      </form>
    </Dialog>
  );
}

/** Calls when nobody has touched the page for a while. */
function useLeftAlone(then: () => void) {
  useEffect(() => {
    let timer = setTimeout(then, LEFT_ALONE_MS);
    const again = () => { clearTimeout(timer); timer = setTimeout(then, LEFT_ALONE_MS); };
    const signs = ["pointerdown", "pointermove", "keydown", "wheel"] as const;
    signs.forEach((sign) => window.addEventListener(sign, again));
    return () => { clearTimeout(timer); signs.forEach((sign) => window.removeEventListener(sign, again)); };
  }, []);
}

/** Asked before the screen is turned to the donor. */
export function KioskDialog({ donor, name, onClose }: { donor: string; name: string; onClose(): void }) {
  const status = useStatus();
  const setStatus = useSetStatus();
  const send = useSend("kiosk.open", { onDone: (own) => { showKiosk(own); setStatus({ ...status, door: "locked" }); } });
  return (
    <Dialog isOpen onClose={onClose} title={m.kiosk_open_title({ name })} footer={<><Button variant="primary" size="lg" pending={send.isPending} onPress={() => send.mutate({ id: donor })}>{m.kiosk_open_act()}</Button><Button size="lg" onPress={onClose}>{m.kiosk_cancel()}</Button></>}>
      <div className="grid gap-3"><p>{m.kiosk_open_text()}</p>{refusal(send.error)}</div>
    </Dialog>
  );
}
