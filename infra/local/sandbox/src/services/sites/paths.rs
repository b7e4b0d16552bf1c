//! Where the pages of a site are.

use crate::town::{Business, Page, Post, SiteKind, lexicon};

impl Business {
    /// Path of a page on the business's site, `None` when the site has no such page. A site on
    /// one page has only [`Page::Home`].
    #[must_use]
    pub fn page_path(&self, page: Page) -> Option<String> {
        self.website.as_ref()?;
        let slugs = &lexicon(self.language).slugs;
        if page == Page::Home {
            return Some("/".to_owned());
        }
        if matches!(
            self.site,
            SiteKind::None | SiteKind::OnePage | SiteKind::Dead(_)
        ) {
            return None;
        }
        let slug = match page {
            Page::Home => "",
            Page::About => slugs.about,
            Page::Contact => slugs.contact,
            Page::Services => slugs.services,
            Page::News | Page::Feed if self.posts.is_empty() => return None,
            Page::News => slugs.news,
            Page::Careers if !self.hiring => return None,
            Page::Careers => slugs.careers,
            Page::Imprint => slugs.imprint?,
            Page::Feed => {
                self.feed?;
                return Some(match self.site {
                    SiteKind::Shopify => format!("/blogs/{}.atom", slugs.news),
                    SiteKind::Wix => "/blog-feed.xml".to_owned(),
                    _ => "/feed/".to_owned(),
                });
            }
        };
        Some(match self.site {
            SiteKind::Shopify if page == Page::News => format!("/blogs/{slug}"),
            SiteKind::Shopify => format!("/pages/{slug}"),
            SiteKind::Squarespace | SiteKind::Wix => format!("/{slug}"),
            SiteKind::Static => format!("/{slug}.html"),
            _ => format!("/{slug}/"),
        })
    }

    /// Path of a post's own page; `None` on hand-written sites, whose posts have none.
    #[must_use]
    pub fn post_path(&self, post: &Post) -> Option<String> {
        let news = self.page_path(Page::News)?;
        match self.site {
            SiteKind::Static => None,
            site if site.is_wordpress() => Some(format!("{news}{}/", post.slug)),
            _ => Some(format!("{news}/{}", post.slug)),
        }
    }

    /// Whether robots.txt of the site forbids the path to everybody.
    pub(crate) fn forbids(&self, path: &str) -> bool {
        self.site == SiteKind::RobotsDisallow
            || (self.site.is_wordpress() && path.starts_with("/wp-admin/"))
    }
}
