import "./design/theme.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { holdBrowserKeys } from "./app/browserKeys";
import { chooseBackend } from "./backend";

const backend = chooseBackend();
if (import.meta.env.PROD && backend.kind === "desktop") holdBrowserKeys(window);

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(<StrictMode><App backend={backend} /></StrictMode>);
