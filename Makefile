.PHONY: demo test check fix docs bench lock vendor i18n
demo: ; ./passerelle demo
test: ; ./passerelle test
check: ; sh tools/check
fix: ; sh tools/fix
docs: ; sh tools/docs
bench: ; ./passerelle bench
lock: ; sh tools/lock
vendor: ; sh tools/vendor
i18n: ; sh tools/i18n
