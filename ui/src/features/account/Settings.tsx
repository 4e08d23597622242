import { useState } from "react";
import { useSetStatus, useStatus } from "../../app";
import { useSend } from "../../backend";
import { ClinicalTime } from "../../clinical";
import { Button, Dialog, SectionHead, Status } from "../../design";
import * as m from "../../paraglide/messages";
import { RecoverySection } from "./ConfirmRecovery";
import { Facts, Refused } from "./parts";
import { ClockBar } from "./Clock";
import { ChangePassword } from "./Passwords";
import { SettingsFrame } from "./SettingsFrame";
import { roleWord, languageWord, profileWord } from "./words";

/** What this facility is, who is signed in, and what belongs to this screen alone. */
export function FacilityPage() {
  const status = useStatus();
  const setStatus = useSetStatus();
  const signOut = useSend("session.sign_out", { onDone: setStatus });
  const lock = useSend("session.lock", { onDone: setStatus });
  const [changing, setChanging] = useState(false);
  const [changed, setChanged] = useState(false);
  if (!status.facility) return null;
  const { facility, session } = status;
  return (
    <SettingsFrame at="facility">
      {status.clock && <ClockBar doubt={status.clock} zone={facility.zone} />}
      <section>
        <SectionHead title={m.account_facility_title()} note={m.account_facility_fixed()} />
        <div className="p-4">
          <Facts items={[
            { label: m.account_facility_name(), value: <bdi>{facility.name}</bdi> },
            { label: m.account_facility_kind(), value: facility.training ? m.account_facility_kind_training() : m.account_facility_kind_real() },
            { label: m.account_facility_zone(), value: <bdi>{facility.zone}</bdi> },
            { label: m.account_facility_now(), value: <ClinicalTime value={status.now} zone={facility.zone} always="date-time" /> },
            { label: m.account_facility_profile(), value: profileWord(facility.profile) },
            { label: m.account_facility_language(), value: languageWord(facility.language) },
            { label: m.account_facility_lock(), value: m.account_facility_lock_minutes({ count: status.idleMinutes }) },
          ]} />
        </div>
      </section>
      {session && (
        <section>
          <SectionHead title={m.account_you_title()} />
          <div className="grid gap-4 p-4">
            <Facts items={[
              { label: m.account_you_name(), value: <bdi>{session.displayName}</bdi> },
              { label: m.account_you_role(), value: roleWord(session.role) },
              { label: m.account_you_since(), value: <ClinicalTime value={session.since} /> },
            ]} />
            <div className="flex flex-wrap gap-2">
              <Button icon="lock" pending={lock.isPending} onPress={() => lock.mutate({})}>{m.account_you_lock()}</Button>
              {!facility.training && <Button icon="lock" onPress={() => { setChanged(false); setChanging(true); }}>{m.account_password_change()}</Button>}
              <Button pending={signOut.isPending} onPress={() => signOut.mutate({})}>{m.account_you_sign_out()}</Button>
            </div>
            {facility.training && <p className="text-ink-2">{m.account_password_training()}</p>}
            <div role="status" className="empty:hidden">{changed && <Status kind="good" wrap>{m.account_password_changed()}</Status>}</div>
            {changing && <ChangePassword onClose={() => setChanging(false)} onDone={() => { setChanging(false); setChanged(true); }} />}
            {(lock.error ?? signOut.error) && <Refused error={(lock.error ?? signOut.error)!} />}
          </div>
        </section>
      )}
      {session?.permissions.includes("manage_facility") && <RecoverySection />}
      {facility.training && <LeaveTraining name={facility.name} />}
      <section>
        <SectionHead title={m.account_about_title()} />
        <div className="grid gap-3 p-4">
          <Facts items={[{ label: m.account_about_version(), value: <span className="hs-mono">{status.version}</span> }]} />
          <p className="max-w-[64ch] text-ink-2">{m.account_about_text()} {m.account_not_a_device()} {m.account_about_translation()}</p>
        </div>
      </section>
    </SettingsFrame>
  );
}

/** One step, said in words first; only where everything was invented. */
function LeaveTraining({ name }: { name: string }) {
  const [asking, setAsking] = useState(false);
  const send = useSend("setup.leave_training", { onDone: useSetStatus() });
  return (
    <section>
      <SectionHead title={m.account_training_title()} />
      <div className="grid justify-items-start gap-3 p-4">
        <p className="max-w-[64ch] text-ink-2">{m.account_training_text()}</p>
        <Button variant="danger" icon="trash" onPress={() => setAsking(true)}>{m.account_training_button()}</Button>
      </div>
      <Dialog
        isOpen={asking}
        onClose={() => setAsking(false)}
        role="alertdialog"
        size="sm"
        title={m.account_training_dialog({ name })}
        footer={<Button variant="primary" size="lg" autoFocus onPress={() => setAsking(false)}>{m.account_training_keep()}</Button>}
        footerEnd={<Button variant="danger" pending={send.isPending} onPress={() => send.mutate({})}>{m.account_training_confirm()}</Button>}
      >
        <p>{m.account_training_dialog_text()}</p>
        {send.error && <Refused error={send.error} />}
      </Dialog>
    </section>
  );
}
