/** The style of the reference page; in it nothing is loaded from anywhere. */
export const pageStyle = `
:root{color-scheme:light dark;--text:light-dark(#1b1f24,#e6e8eb);--quiet:light-dark(#57606a,#9aa4af);
--back:light-dark(#fff,#14171a);--panel:light-dark(#f6f8fa,#1d2125);--line:light-dark(#d0d7de,#343a40);--link:light-dark(#0a58ca,#79b8ff)}
*{box-sizing:border-box}
body{margin:0;color:var(--text);background:var(--back);font:16px/1.5 system-ui,sans-serif;display:grid;grid-template-columns:17rem minmax(0,1fr)}
a{color:var(--link)}
a:focus-visible,summary:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-100rem}
.skip:focus{left:1rem;top:1rem;background:var(--back);padding:.5rem}
nav{position:sticky;top:0;height:100vh;overflow:auto;padding:1rem;border-right:1px solid var(--line);background:var(--panel);font-size:.875rem}
nav ul{list-style:none;margin:0 0 1rem;padding:0}
nav h2{font-size:.875rem;margin:0;border:0}
nav a{display:block;padding:.1rem 0;overflow-wrap:anywhere;text-decoration:none}
main{padding:1rem 2rem 4rem;max-width:64rem}
h2{margin-top:2.5rem;border-bottom:1px solid var(--line)}
section.operation{margin:2rem 0}
code,pre{font:.875em/1.5 ui-monospace,monospace}
pre{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:.75rem;overflow:auto}
.request{overflow-wrap:anywhere}
.method{font-weight:700}
table{border-collapse:collapse;width:100%;margin:.5rem 0}
th,td{text-align:left;vertical-align:top;padding:.3rem .5rem;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
caption{text-align:left}
.place{white-space:nowrap;overflow-wrap:normal}
.quiet{color:var(--quiet)}
summary{cursor:pointer}
@media (max-width:50rem){body{display:block}nav{position:static;height:auto;border-right:0;border-bottom:1px solid var(--line)}main{padding:1rem}}
`;
