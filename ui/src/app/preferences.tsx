import { createContext, type ReactNode, useContext, useLayoutEffect, useMemo, useState } from "react";
import { I18nProvider } from "react-aria-components";
import { getLocale, locales, setLocale } from "../paraglide/runtime";

export type Locale = (typeof locales)[number];
export type Theme = "light" | "dark";

interface Preferences {
  locale: Locale;
  setLocale(locale: Locale): void;
  theme: Theme;
  setTheme(theme: Theme): void;
  /** A screen for reading film asks for true dark whatever the setting is. */
  setScreenDark(dark: boolean): void;
}

const PreferencesContext = createContext<Preferences | null>(null);
const themeKey = "healthsync.theme";

function readTheme(): Theme {
  try {
    return localStorage.getItem(themeKey) === "dark" ? "dark" : "light";
  } catch {
    return "light"; // storage may be closed; the setting is then for this window only
  }
}

/** Numbers stay 0 to 9 in every language: a dose is read the same by everybody. */
const ariaLocale: Record<Locale, string> = { en: "en-GB", ar: "ar-u-nu-latn" };

/** Language and theme of this computer. Changing the language draws the whole page again in its direction. */
export function PreferencesProvider({ children }: { children: ReactNode }) {
  const [locale, setCurrent] = useState<Locale>(() => getLocale());
  const [theme, setThemeState] = useState<Theme>(readTheme);
  const [screenDark, setScreenDark] = useState(false);

  useLayoutEffect(() => {
    document.documentElement.lang = locale;
    document.documentElement.dir = locale === "ar" ? "rtl" : "ltr";
  }, [locale]);
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = screenDark || theme === "dark" ? "dark" : "light";
  }, [theme, screenDark]);

  const value = useMemo<Preferences>(() => ({
    locale,
    setLocale(next) {
      void setLocale(next, { reload: false });
      setCurrent(next);
    },
    theme,
    setTheme(next) {
      try {
        localStorage.setItem(themeKey, next);
      } catch {
        // as above
      }
      setThemeState(next);
    },
    setScreenDark,
  }), [locale, theme]);
  return (
    <PreferencesContext value={value}>
      <I18nProvider locale={ariaLocale[locale]} key={locale}>{children}</I18nProvider>
    </PreferencesContext>
  );
}

export function usePreferences(): Preferences {
  const value = useContext(PreferencesContext);
  if (!value) throw new Error("usePreferences needs a PreferencesProvider above it");
  return value;
}
