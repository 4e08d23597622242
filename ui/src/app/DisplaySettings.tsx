import { RadioGroup, SectionHead } from "../design";
import { SettingsFrame } from "../features/account/SettingsFrame";
import { DonationNumber } from "../clinical";
import * as m from "../paraglide/messages";
import { LanguageChoice } from "./LanguageChoice";
import { type Theme, usePreferences } from "./preferences";
import { useScanner, useScannerState } from "./scanner";
import { partWord } from "./words";

/** What belongs to this computer: light or dark, the language, and whether the scanner is heard. */
export function DisplaySettings() {
  const { theme, setTheme } = usePreferences();
  const { last } = useScannerState();
  useScanner(() => "taken"); // scans stay here to be shown, and open nothing
  return (
    <SettingsFrame at="display">
        <div className="max-w-[720px]">
          <div className="grid gap-4 p-4">
            <RadioGroup<Theme>
              label={m.shell_theme()}
              value={theme}
              onChange={setTheme}
              stacked
              options={[
                { id: "light", label: m.shell_theme_light(), sub: m.shell_theme_light_note() },
                { id: "dark", label: m.shell_theme_dark(), sub: m.shell_theme_dark_note() },
              ]}
            />
            <div className="grid gap-1"><span className="hs-label">{m.shell_language()}</span><LanguageChoice /></div>
          </div>
          <SectionHead title={m.shell_scanner_test()} note={m.shell_scanner_test_note()} />
          <div className="grid gap-2 p-4" role="status">
            {last === null ? <span className="text-ink-2">{m.shell_scanner_nothing_yet()}</span> : (
              <>
                <span className="hs-mono">{last.raw}</span>
                {last.parts.map((p, i) => p.kind === "donation_number" ? <DonationNumber key={i} din={p.din} check={p.check} /> : <span key={i}>{m.shell_scanner_part({ kind: partWord(p) })}</span>)}
                {last.error && <span className="text-critical">{m.shell_scanner_unreadable()}</span>}
              </>
            )}
          </div>
        </div>
    </SettingsFrame>
  );
}
