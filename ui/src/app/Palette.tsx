import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from "react";
import { Dialog as AriaDialog, Modal, ModalOverlay } from "react-aria-components";
import { useCommand, useSend } from "../backend";
import { Age, BloodGroup, ClinicalDate, DonationNumber, formatName, Identifier } from "../clinical";
import { Icon, type IconName, Kbd } from "../design";
import * as m from "../paraglide/messages";
import { useGo } from "./navigation";
import { usePreferences } from "./preferences";
import { DialogGuard } from "./scanner";
import { screenAt, screens } from "./table";
import { useMay, useSetStatus } from "./status";

interface Row {
  id: string;
  group: string;
  icon: IconName;
  content: ReactNode;
  kbd?: string;
  act(): void;
}

/**
 * One field to go anywhere: screens, people, units and acts. A scan needs no palette, and while it covers the page a
 * scan does nothing on it unseen. What is typed is looked up as a person's name or number and as part of a donation
 * number.
 */
export function Palette({ onClose, onLock, onKeys }: { onClose(): void; onLock(): void; onKeys(): void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const go = useGo();
  const may = useMay();
  const { theme, setTheme, locale, setLocale } = usePreferences();
  const setStatus = useSetStatus();
  const signOut = useSend("session.sign_out", { onDone: setStatus });
  const asked = useSettled(text.trim());
  const long = asked.length >= 2;
  const people = useCommand("patient.search", { text: asked, limit: 6 }, { enabled: long && may("see_patients") && screenAt("/patients/$id"), keepPrevious: true });
  const units = useCommand("unit.list", { component: null, group: null, status: null, text: asked.replace(/\s/g, ""), limit: 5 }, { enabled: long && /\d/.test(asked) && may("see_stock") && screenAt("/blood/unit/$id"), keepPrevious: true });

  const rows = useMemo<Row[]>(() => {
    const wanted = text.trim().toLocaleLowerCase();
    const fits = (words: string) => wanted === "" || words.toLocaleLowerCase().includes(wanted);
    const places: Row[] = screens
      .filter((s) => (s.inPalette ?? s.home) && !s.path.includes("$") && (!s.needs || may(s.needs)) && fits(s.title()))
      .map((s) => ({ id: s.path, group: m.shell_find_go(), icon: s.icon ?? "forward", content: s.title(), act: () => go(s.path) }));
    const found: Row[] = long ? (people.data?.rows ?? []).map((p) => ({
      id: `p${p.id}`,
      group: m.shell_find_patients(),
      icon: "person",
      content: <span className="flex flex-wrap items-baseline gap-x-3"><b className="hs-person">{formatName(p)}</b><span className="text-ink-2"><ClinicalDate value={p.birthDate} /> · <Age birthDate={p.birthDate} /></span><Identifier>{p.hospitalNumber}</Identifier></span>,
      act: () => go(`/patients/${p.id}`),
    })) : [];
    const bags: Row[] = long && /\d/.test(asked) ? (units.data?.rows ?? []).map((u) => ({
      id: `u${u.id}`,
      group: m.shell_find_units(),
      icon: "blood",
      content: <span className="flex flex-wrap items-center gap-x-3"><DonationNumber din={u.din} check={u.check} /><BloodGroup group={u.group} size="sm" /></span>,
      act: () => go(`/blood/unit/${u.id}`),
    })) : [];
    const acts: Row[] = ([
      { id: "lock", icon: "lock", content: m.shell_lock_screen(), kbd: "F9", act: onLock },
      { id: "keys", icon: "keyboard", content: m.shell_keys_title(), kbd: "?", act: onKeys },
      { id: "theme", icon: "theme", content: theme === "dark" ? m.shell_theme_switch_light() : m.shell_theme_switch_dark(), act: () => setTheme(theme === "dark" ? "light" : "dark") },
      { id: "language", icon: "globe", content: locale === "en" ? "العربية" : "English", act: () => setLocale(locale === "en" ? "ar" : "en") },
      { id: "out", icon: "person", content: m.shell_sign_out(), act: () => signOut.mutate({}) },
    ] satisfies (Omit<Row, "group"> & { content: string })[]).filter((r) => fits(r.content)).map((r) => ({ ...r, group: m.shell_find_acts() }));
    return [...found, ...bags, ...places, ...acts];
  }, [text, asked, long, people.data, units.data, theme, locale]);

  const current = Math.min(at, Math.max(0, rows.length - 1));
  useEffect(() => setAt(0), [text]);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [current]);

  function run(row: Row | undefined) {
    if (!row) return;
    onClose();
    row.act();
  }
  function onKey(e: KeyboardEvent) {
    const last = rows.length - 1;
    if (e.key === "ArrowDown") setAt(current >= last ? 0 : current + 1);
    else if (e.key === "ArrowUp") setAt(current <= 0 ? last : current - 1);
    else if (e.key === "Home" && e.ctrlKey) setAt(0);
    else if (e.key === "End" && e.ctrlKey) setAt(last);
    else if (e.key === "Enter") run(rows[current]);
    else return;
    e.preventDefault();
  }

  const hidden = (people.data?.total ?? 0) - (people.data?.rows.length ?? 0);
  return (
    <ModalOverlay className="hs-scrim" isOpen onOpenChange={(open) => !open && onClose()} isDismissable>
      <Modal className="hs-palette">
        <AriaDialog className="hs-dialog" aria-label={m.shell_find_title()}>
          <DialogGuard />
          <div className="hs-input">
            <Icon name="search" size={20} />
            <input
              autoFocus
              role="combobox"
              aria-expanded="true"
              aria-controls={id}
              aria-activedescendant={rows[current] ? `${id}-${current}` : undefined}
              aria-label={m.shell_find_title()}
              placeholder={m.shell_find_hint()}
              value={text}
              spellCheck={false}
              onChange={(e) => setText(e.target.value)}
              onKeyDown={onKey}
            />
            <Kbd>Esc</Kbd>
          </div>
          <div className="hs-list" id={id} role="listbox" aria-label={m.shell_find_title()} ref={list}>
            {rows.length === 0 && <div className="hs-item text-ink-2">{m.shell_find_nothing({ text: text.trim() })}</div>}
            {rows.map((row, i) => (
              <div key={row.id} className="contents">
                {row.group !== rows[i - 1]?.group && <div className="hs-meta px-2 pt-2 pb-1" role="presentation">{row.group}</div>}
                <div
                  role="option"
                  id={`${id}-${i}`}
                  aria-selected={i === current}
                  className="hs-item"
                  data-focused={i === current || undefined}
                  onPointerMove={() => setAt(i)}
                  onClick={() => run(row)}
                >
                  <Icon name={row.icon} />
                  <span className="grow">{row.content}</span>
                  {row.kbd && <Kbd>{row.kbd}</Kbd>}
                </div>
              </div>
            ))}
            {long && hidden > 0 && <div className="hs-meta px-2 py-1">{m.shell_find_more({ count: hidden })}</div>}
          </div>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

/** The text once typing rests for a moment; every letter must not become a search. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), 120);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
