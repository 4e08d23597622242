import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useMay } from "../../app";
import { PageHead } from "../../design";
import * as m from "../../paraglide/messages";
import type { Permission } from "../../wire";

export type SettingsSection = "facility" | "staff" | "backup" | "proof" | "models" | "connections" | "sites" | "keys" | "scanner" | "rules" | "display";

/** Every section has an address of its own. One that the signed-in person may not open is not offered. */
export const sections: { id: SettingsSection; path: string; needs?: Permission; title(): string }[] = [
  { id: "facility", path: "/settings", title: () => m.account_tab_facility() },
  { id: "staff", path: "/settings/staff", needs: "manage_staff", title: () => m.account_tab_staff() },
  { id: "backup", path: "/settings/backup", needs: "manage_facility", title: () => m.account_tab_backup() },
  { id: "proof", path: "/settings/proof", needs: "read_audit", title: () => m.account_tab_proof() },
  { id: "models", path: "/settings/models", title: () => m.account_tab_models() },
  { id: "connections", path: "/settings/connections", needs: "manage_facility", title: () => m.connect_title() },
  { id: "sites", path: "/settings/sites", needs: "manage_facility", title: () => m.shelf_site_tab() },
  { id: "keys", path: "/settings/keys", needs: "see_images", title: () => m.account_tab_keys() },
  { id: "scanner", path: "/settings/scanner", needs: "manage_facility", title: () => m.account_tab_scanner() },
  { id: "rules", path: "/settings/rules", title: () => m.account_tab_rules() },
  // The page itself belongs to the frame of the program.
  { id: "display", path: "/settings/display", title: () => m.shell_display() },
];

export function SettingsFrame({ at, children }: { at: SettingsSection; children: ReactNode }) {
  const may = useMay();
  return (
    <>
      <PageHead
        title={m.account_settings_title()}
        tabs={
          <nav aria-label={m.account_sections()} className="hs-tablist flex-wrap">
            {sections.filter((s) => s.id === at || !s.needs || may(s.needs)).map((s) => (
              <Link key={s.id} to={s.path} activeOptions={{ exact: true }} className="hs-tab">{s.title()}</Link>
            ))}
          </nav>
        }
      />
      <div className="relative min-h-0 grow overflow-auto" tabIndex={0} role="region" aria-label={sections.find((s) => s.id === at)?.title()}>{children}</div>
    </>
  );
}
