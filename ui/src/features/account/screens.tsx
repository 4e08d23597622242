import type { Doors, Screen } from "../../app/screens";
import * as m from "../../paraglide/messages";
import { BackupPage } from "./Backup";
import { ConfirmRecovery } from "./ConfirmRecovery";
import { FirstStart } from "./FirstStart";
import { KeysPage } from "./KeysPage";
import { Locked } from "./Locked";
import { ModelsPage } from "./Models";
import { Problem } from "./Problem";
import { ProofPage } from "./Proof";
import { RulesPage } from "./Rules";
import { FacilityPage } from "./Settings";
import { ScannerPage } from "./ScannerPage";
import { SignIn } from "./SignIn";
import { StaffPage } from "./Staff";

/** What stands in the window when nobody works yet. */
export const doors: Doors = {
  empty: FirstStart,
  sign_in: SignIn,
  confirm_recovery: ConfirmRecovery,
  locked: Locked,
  problem: Problem,
};

export const screens: Screen[] = [
  { path: "/settings", area: "settings", title: () => m.account_settings_title(), component: FacilityPage, home: true, inPalette: true, icon: "settings" },
  { path: "/settings/staff", area: "settings", title: () => m.account_staff_title(), component: StaffPage, needs: "manage_staff", inPalette: true, icon: "patients" },
  { path: "/settings/backup", area: "settings", title: () => m.account_backup_title(), component: BackupPage, needs: "manage_facility", inPalette: true, icon: "computer" },
  { path: "/settings/proof", area: "settings", title: () => m.account_proof_title(), component: ProofPage, needs: "read_audit", inPalette: true, icon: "shield" },
  { path: "/settings/keys", area: "settings", title: () => m.account_keys_title(), component: KeysPage, needs: "see_images", inPalette: true, icon: "keyboard" },
  { path: "/settings/scanner", area: "settings", title: () => m.account_scanner_title(), component: ScannerPage, needs: "manage_facility", inPalette: true, icon: "scan" },
  { path: "/settings/rules", area: "settings", title: () => m.account_rules_title(), component: RulesPage, inPalette: true, icon: "shield" },
  { path: "/settings/models", area: "settings", title: () => m.account_models_title(), component: ModelsPage, inPalette: true, icon: "lungs" },
];
