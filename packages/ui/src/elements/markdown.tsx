import DOMPurify, { type Config } from 'dompurify'
import { Marked } from 'marked'
import { useLayoutEffect, useRef } from 'react'

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

// HTML in it is read as text: even what is taken out later, the policy of the page would complain of.
const marked = new Marked({
  gfm: true,
  renderer: {
    html: ({ text }) => escaped(text),
    // The page and the part of it have headings of their own, above these.
    heading({ tokens, depth }) {
      const level = Math.min(6, depth + 2)
      return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>`
    },
  },
})

const purify = DOMPurify(window)
purify.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName === 'A') {
    node.setAttribute('rel', 'noreferrer')
    node.setAttribute('target', '_blank')
  }
  // A picture from elsewhere would tell others who reads this; the policy of the page refuses it too.
  if (node.tagName === 'IMG' && !node.getAttribute('src')?.startsWith('data:image/')) node.removeAttribute('src')
})

const allowed = {
  USE_PROFILES: { html: true },
  FORBID_TAGS: ['style', 'form', 'input', 'button', 'textarea', 'select', 'audio', 'video', 'picture', 'source'],
  FORBID_ATTR: ['style', 'class', 'id', 'name', 'srcset', 'background'],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:)/i,
  RETURN_DOM_FRAGMENT: true as const,
} satisfies Config & { RETURN_DOM_FRAGMENT: true }

/** What somebody wrote as Markdown (GitHub's), with nothing in it that runs, asks elsewhere or dresses as the app. */
export function Markdown({ text }: { readonly text: string }) {
  const own = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const html = marked.parse(text, { async: false })
    own.current?.replaceChildren(purify.sanitize(html, allowed))
  }, [text])
  return <div ref={own} className="markdown" />
}
