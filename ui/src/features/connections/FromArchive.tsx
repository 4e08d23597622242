import { useGo } from "../../app";
import { useCommand } from "../../backend";
import { Button } from "../../design";
import * as m from "../../paraglide/messages";

/** Leads to the archives, where there are any. */
export function FromArchive() {
  const go = useGo();
  const archives = useCommand("archive.list", {});
  if (!archives.data?.length) return null;
  return <Button icon="server" onPress={() => go("/archives")}>{m.connect_from_archive()}</Button>;
}
