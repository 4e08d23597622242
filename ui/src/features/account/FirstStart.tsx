import { useState } from "react";
import { DoorFrame, useSetStatus } from "../../app";
import { useSend } from "../../backend";
import { Button, Icon, Progress } from "../../design";
import * as m from "../../paraglide/messages";
import { Point, Refused } from "./parts";
import { SetUpForm } from "./SetUpForm";

/** No facility in the home folder yet: an invented one to look around in, or one's own. */
export function FirstStart() {
  const [form, setForm] = useState(false);
  const look = useSend("setup.look_around", { onDone: useSetStatus() });

  if (form) return <DoorFrame><SetUpForm onBack={() => setForm(false)} /></DoorFrame>;
  return (
    <DoorFrame wide>
      <div className="grid gap-6">
      <div>
        <h1 className="m-0 text-2xl">{m.account_first_title()}</h1>
        <p className="mt-1 max-w-[620px] text-lg text-ink-2">{m.account_first_sub()}</p>
      </div>
      <div className="grid gap-5 md:grid-cols-2">
        <section aria-labelledby="look" className="grid grid-rows-[auto_auto_1fr_auto] gap-3 rounded-md border border-line-2 bg-surface p-6">
          <h2 id="look" className="m-0 flex items-center gap-2.5 text-xl"><span className="text-accent"><Icon name="eye" size={20} /></span>{m.account_look_title()}</h2>
          <p>{m.account_look_text()}</p>
          <ul className="m-0 grid list-none content-start gap-2 p-0 text-ink-2">
            <Point icon="patients">{m.account_look_point_people()}</Point>
            <Point icon="document">{m.account_look_point_strip()}</Point>
            <Point icon="undo">{m.account_look_point_again()}</Point>
          </ul>
          <div className="mt-2 flex flex-wrap items-center gap-x-4 gap-y-2">
            <Button size="lg" pending={look.isPending} onPress={() => look.mutate({})}>{m.account_look_button()}</Button>
            <span className="text-sm text-ink-2">{m.account_look_cost()}</span>
          </div>
        </section>
        <section aria-labelledby="set-up" className="grid grid-rows-[auto_auto_1fr_auto] gap-3 rounded-md border border-selected-line bg-surface p-6">
          <h2 id="set-up" className="m-0 flex items-center gap-2.5 text-xl"><span className="text-accent"><Icon name="key" size={20} /></span>{m.account_set_up_title()}</h2>
          <p>{m.account_set_up_text()}</p>
          <ol className="m-0 grid list-none content-start gap-2 p-0 text-ink-2">
            <Point n={1}>{m.account_set_up_point_place()}</Point>
            <Point n={2}>{m.account_set_up_point_admin()}</Point>
            <Point n={3}>{m.account_set_up_point_code()}</Point>
          </ol>
          <div className="mt-2 flex flex-wrap items-center gap-x-4 gap-y-2">
            <Button size="lg" variant="primary" autoFocus notNow={look.isPending ? m.account_look_making() : undefined} onPress={() => setForm(true)}>{m.account_set_up_button()}</Button>
            <span className="text-sm text-ink-2">{m.account_set_up_cost()}</span>
          </div>
        </section>
      </div>
      <div role="status">
        {look.isPending && (
          <div className="grid gap-1">
            <Progress label={m.account_look_making()} />
            <p className="text-ink-2">{m.account_look_making_detail()}</p>
          </div>
        )}
      </div>
      {look.error && <Refused error={look.error} />}
      <p className="text-end text-ink-2">{m.account_not_a_device()}</p>
      </div>
    </DoorFrame>
  );
}
