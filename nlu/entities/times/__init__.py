"""The grammar of Chinese time expressions: each module reads one kind of phrase and says which days and hours it means."""
