import { SegmentedControl } from "../design";
import * as m from "../paraglide/messages";
import { type Locale, usePreferences } from "./preferences";

/** Each language is written in itself; one that no clinician has checked yet says so. */
export function LanguageChoice() {
  const { locale, setLocale } = usePreferences();
  return (
    <span className="inline-flex items-center gap-2">
      <SegmentedControl<Locale>
        label={m.shell_language()}
        value={locale}
        onChange={setLocale}
        options={[{ id: "en", label: "English" }, { id: "ar", label: "العربية" }]}
      />
      {locale === "ar" && <span className="hs-meta">{m.shell_language_unreviewed()}</span>}
    </span>
  );
}
