import { type FormEvent, useRef, useState } from "react";
import { useStatus } from "../../app";
import { CommandFailed, useBackend, useSend } from "../../backend";
import { dayOf, formatNumber, usePlace } from "../../clinical";
import { Button, Checkbox, ComboBox, Dialog, RadioGroup, ReadOnly, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { PickedFile, PolicyBook, RuleBookView } from "../../wire";
import { Facts, Refused } from "./parts";
import type { Sentence } from "./refusals";
import { type Adoption, AdoptDialog, comingOf, comingWall, focusWrong, startOf } from "./RuleBookAdopt";
import { bookCountry, bookWords, countries, countryWords } from "./ruleBookValues";

const FILE = "file";

interface Form extends Adoption {
  /** The name of one that comes with the program, or `file`. */
  from: string;
  file: PickedFile | null;
}

/** Another rule book in place of the one that stands: all of its values at once. */
export function OtherBook({ book: opened, onClose, onDone, onReread }: { book: PolicyBook; onClose(): void; onDone(version: number): void; onReread(): Promise<PolicyBook | undefined> }) {
  const backend = useBackend();
  const { zone } = usePlace();
  const [book, setBook] = useState(opened);
  const [failed, setFailed] = useState<CommandFailed | null>(null);
  const stands = book.newest.ruleBook;
  return (
    <AdoptDialog<Form>
      screen="policy.book_other"
      title={m.account_book_other()}
      book={book}
      start={{ ...startOf(book, zone), from: "", file: null }}
      // A file that was picked is held by the program only while it runs.
      keep={({ file: _, ...form }) => form}
      onClose={onClose}
      onDone={onDone}
      onReread={() => void onReread().then((next) => next && setBook(next))}
      // The program has read the file and let go of it.
      onRefused={(form) => ({ ...form, file: null })}
      errorsOf={(form) => ({
        ...(form.from ? {} : { from: m.account_book_need_from() }),
        ...(form.from === FILE && !form.file ? { file: m.account_book_need_file() } : {}),
      })}
      lines={(form) => (form.from === FILE ? (form.file ? [{ what: m.account_rules_book(), from: named(stands), to: form.file.name }] : []) : form.from ? [{ what: m.account_rules_book(), from: named(stands), to: bookWords(form.from) }] : [])}
      follows={() => <Follows />}
      request={(form) => ({ ruleBook: form.from === FILE ? { from: "file", file: form.file?.handle ?? "" } : { from: "built_in", name: form.from }, rows: [] })}
      fields={(form, put, errors) => (
        <>
          <Follows />
          <RadioGroup
            label={m.account_book_from()}
            stacked
            value={form.from || null}
            onChange={(from) => put({ from })}
            error={errors.from}
            options={[
              ...book.ruleBooks.map((name) => ({ id: name, label: bookWords(name), sub: name === stands.name ? m.account_book_stands_now() : undefined })),
              { id: FILE, label: m.account_book_from_file(), sub: m.account_book_from_file_text() },
            ]}
          />
          {form.from === FILE && (
            <div className="grid justify-items-start gap-1" data-wrong={errors.file ? true : undefined}>
              <Button onPress={() => { setFailed(null); backend.pickFiles().then(([file]) => { if (file) put({ file }); }, (cause: unknown) => setFailed(CommandFailed.from(cause))); }}>{m.account_book_choose_file()}</Button>
              <p role="status" className="[overflow-wrap:anywhere]">{form.file && <bdi>{m.account_book_chosen({ file: form.file.name })}</bdi>}</p>
              {errors.file && <p role="alert" className="text-critical">{errors.file}</p>}
              {failed && <Refused error={failed} />}
            </div>
          )}
        </>
      )}
    />
  );
}

const named = (view: RuleBookView) => m.account_book_named({ name: bookWords(view.name), version: formatNumber(view.version) });

function Follows() {
  return (
    <ul className="grid list-disc gap-1 ps-5">
      <li>{m.account_book_follows_values()}</li>
      <li>{m.account_book_follows_draft()}</li>
      <li>{m.account_book_follows_records()}</li>
    </ul>
  );
}

/** A person of the country answers for the rule book as it stands. */
export function SignBook({ book: opened, onClose, onDone, onReread }: { book: PolicyBook; onClose(): void; onDone(): void; onReread(): Promise<PolicyBook | undefined> }) {
  const { session } = useStatus();
  const { zone } = usePlace();
  const [book, setBook] = useState(opened);
  const view = book.newest.ruleBook;
  const fixed = bookCountry(view.name);
  const [chosen, setChosen] = useState<string | null>(null);
  const [read, setRead] = useState(false);
  const [tried, setTried] = useState(false);
  const root = useRef<HTMLFormElement>(null);
  const send = useSend("policy.adopt", { onDone });
  const country = fixed ?? chosen;
  const sentence = m.account_book_sign_sentence({ country: country ? countryWords(country) : "…" });
  const open = view.rows.filter((row) => !row.confirmed).length;
  const coming = comingWall(book, zone);

  function sign(e?: FormEvent) {
    e?.preventDefault();
    setTried(true);
    if (!country || !read) { focusWrong(root.current); return; }
    send.mutate({
      base: book.newest.hash, values: [], stock: null, urgent: false, ruleBook: null, rows: [], signFor: country,
      // A version that waits for its hour goes on waiting for it.
      effectiveWall: coming ? `${coming.day}T${coming.time}` : null,
      // Without the marks that keep it in order on a page.
      reason: sentence.replaceAll(/[\u2066-\u2069]/g, ""),
    });
  }
  async function reread() {
    const next = await onReread();
    send.reset();
    // What was read is not what stands now.
    setRead(false);
    if (next) setBook(next);
  }
  return (
    <Dialog
      isOpen
      keepOpen
      onClose={onClose}
      title={m.account_book_sign_title({ name: bookWords(view.name), version: formatNumber(view.version) })}
      footer={<Button size="lg" onPress={onClose}>{m.account_cancel()}</Button>}
      footerEnd={<Button variant="danger" notNow={view.signed ? m.account_book_signed_already() : undefined} pending={send.isPending} onPress={() => sign()}>{m.account_book_sign()}</Button>}
    >
      <form ref={root} onSubmit={sign} noValidate className="grid gap-4">
        <Facts items={[{ label: m.account_book_sign_who(), value: <bdi>{session?.displayName}</bdi> }]} />
        {open > 0
          ? <p><Status kind="caution" wrap>{m.account_book_sign_open({ open: formatNumber(open), count: formatNumber(view.rows.length) })}</Status></p>
          : <p><Status kind="good" wrap>{m.account_book_sign_all()}</Status></p>}
        {fixed
          ? <ReadOnly label={m.account_book_country()} hint={m.account_book_country_fixed()}>{countryWords(fixed)}</ReadOnly>
          : <Country value={chosen} onChange={(code) => { setChosen(code); if (send.error) send.reset(); }} error={tried && !country ? m.account_book_need_country() : undefined} />}
        <div className="grid gap-1" data-wrong={tried && !read ? true : undefined}>
          <Checkbox isSelected={read} onChange={setRead}>{sentence}</Checkbox>
          {tried && !read && <p role="alert" className="text-critical">{m.account_book_need_read()}</p>}
        </div>
        {comingOf(book) && <p><Status kind="notice" wrap>{m.account_book_sign_waits({ version: formatNumber(book.newest.version) })}</Status></p>}
        <p className="text-ink-2">{m.account_book_sign_text()}</p>
        {send.error && <Refused error={send.error}>{send.error.code === "changed" && <span><Button size="sm" onPress={() => void reread()}>{m.account_rules_reread()}</Button></span>}</Refused>}
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}

function Country({ value, onChange, error }: { value: string | null; onChange(code: string): void; error?: string }) {
  const [options] = useState(() => countries.map((id) => ({ id, label: countryWords(id) })).sort((a, b) => a.label.localeCompare(b.label)));
  return <ComboBox label={m.account_book_country()} hint={m.account_book_country_hint()} options={options} value={value} onChange={onChange} error={error} isRequired />;
}

/** The newest rule book as a file that can be changed and brought in again. */
export function SaveBook({ view, onClose, onDone }: { view: RuleBookView; onClose(): void; onDone(path: string): void }) {
  const backend = useBackend();
  const place = usePlace();
  const [path, setPath] = useState("");
  const [tried, setTried] = useState(false);
  const [failed, setFailed] = useState<CommandFailed | null>(null);
  const root = useRef<HTMLFormElement>(null);
  const send = useSend("policy.rule_book_save", { onDone: (_, { path: written }) => onDone(written) });
  const name = `rule-book-${view.name.replaceAll(/[^A-Za-z0-9]+/g, "-")}-${view.version}-${dayOf(place.now, place.zone)}.json`;
  // A folder only the reader's own system has; shown as a form to follow, never used.
  const example = (navigator.userAgent.includes("Windows") ? "E:\\" : "/media/usb/") + name;
  const put = (to: string) => { setPath(to); setFailed(null); if (send.error) send.reset(); };

  function choose() {
    setFailed(null);
    backend.pickBackupPlace?.(m.account_book_save_path(), name).then((to) => { if (to) put(to); }, (cause: unknown) => setFailed(CommandFailed.from(cause)));
  }
  function save(e?: FormEvent) {
    e?.preventDefault();
    setTried(true);
    if (!path.trim()) { focusWrong(root.current); return; }
    send.mutate({ path: path.trim() });
  }
  const error = send.error ?? failed;
  return (
    <Dialog
      isOpen
      keepOpen
      onClose={onClose}
      title={m.account_book_save()}
      footer={<><Button variant="primary" pending={send.isPending} onPress={() => save()}>{m.account_book_save_button()}</Button><Button onPress={onClose}>{m.account_cancel()}</Button></>}
    >
      <form ref={root} onSubmit={save} noValidate className="grid justify-items-start gap-3">
        <p>{m.account_book_save_text()}</p>
        <div className="w-full"><TextField label={m.account_book_save_path()} mono hint={m.account_book_save_hint({ example })} value={path} onChange={put} error={tried && !path.trim() ? m.account_backup_need() : undefined} autoComplete="off" autoFocus /></div>
        {backend.pickBackupPlace && <Button onPress={choose}>{m.account_backup_choose()}</Button>}
        {error && <div className="w-full"><Refused error={error} words={saveWords(error)} /></div>}
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}

/** Where a file cannot be written: as for a backup, but it is none. */
function saveWords({ code, args }: CommandFailed): Sentence | undefined {
  if (code !== "home_unsuitable") return undefined;
  switch (args.why) {
    case "backup_in_home": return { what: m.account_book_save_in_home(), next: m.account_do_backup_inside() };
    case "backup_other_file": return { what: m.account_book_save_other_file(), next: m.account_do_backup_other_file() };
    default: return undefined;
  }
}
